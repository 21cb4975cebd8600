/** What the tests read of a dashboard. */
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
