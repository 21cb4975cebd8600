import { buildDashboards, render } from './dashboards.js';

/** What is checked of a dashboard. */
export interface Json {
  readonly editable?: boolean;
  readonly tags?: readonly string[];
  readonly links?: readonly object[];
  readonly annotations?: object;
  readonly panels?: readonly PanelJson[];
  readonly templating?: { readonly list?: readonly VariableJson[] };
}

export interface PanelJson {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly datasource?: { readonly uid?: string };
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string; readonly instant?: boolean }[];
}

export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query?: unknown;
  readonly [key: string]: unknown;
}

export function panelsOf({ panels = [] }: Json): readonly PanelJson[] {
  return panels;
}

export function variablesOf({ templating }: Json): ReadonlyMap<string, VariableJson> {
  return new Map((templating?.list ?? []).map((variable) => [variable.name, variable]));
}

export function exprsOf(json: Json): readonly string[] {
  return panelsOf(json).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** Every dashboard as its file holds it. */
export function dashboardFiles(): ReadonlyMap<string, Json> {
  return new Map([...buildDashboards()].map(([file, dashboard]) => [file, JSON.parse(render(dashboard)) as Json]));
}

/** A query of a panel of a dashboard. */
export interface PanelQuery {
  readonly file: string;
  readonly title: string;
  readonly expr: string;
}

/** Every query of every panel, its variables still to be filled in. */
export function queriesOf(dashboards: ReadonlyMap<string, Json>): readonly PanelQuery[] {
  return [...dashboards].flatMap(([file, json]) =>
    panelsOf(json).flatMap(({ title = '', targets = [] }) => targets.map(({ expr }) => ({ file, title, expr }))),
  );
}

/** A query as Grafana sends it when a reader has chosen these values. */
export function filledIn(text: string, chosen: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
    if (!(name in chosen)) throw new Error(`${text}: nothing is chosen for $${name}`);
    return chosen[name];
  });
}

/** Names of the series that a query asks for. */
export function seriesOf(expr: string): readonly string[] {
  return [...expr.matchAll(/(\w+)\{/g)].map(([, name]) => name);
}
