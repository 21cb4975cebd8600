import type { MetricView, Overview, PanelView } from './protocol.js';

/** What is looked at; the address of the page says so, and can be passed on. */
export interface Selection {
  readonly panel?: string;
  /** `metric|param` */
  readonly metric?: string;
}

/** `#panel=smollm2&metric=tpp|n=20` */
export function parseHash(hash: string): Selection {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  return { panel: parameters.get('panel') ?? undefined, metric: parameters.get('metric') ?? undefined };
}

export function formatHash({ panel, metric }: Selection): string {
  const parts = Object.entries({ panel, metric }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${readable(value)}`],
  );
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

/** Escapes what a hash cannot hold, and leaves `tpp|n=20` readable. */
function readable(value: string): string {
  return encodeURIComponent(value).replace(/%7C/g, '|').replace(/%3D/g, '=');
}

/** The panel that is selected, or the first. */
export function selectedPanel({ panels }: Overview, { panel }: Selection): PanelView | undefined {
  return panels.find(({ name }) => name === panel) ?? panels[0];
}

/** The metric that is selected, or the first by name of which the lenses can say most: one with reseed noise. */
export function selectedMetric(panel: PanelView | undefined, { metric }: Selection): MetricView | undefined {
  const metrics = panel?.metrics ?? [];
  const byNames = [...metrics].sort(byName);
  return (
    metrics.find(({ key }) => key === metric) ?? byNames.find(({ pooledSd }) => pooledSd !== undefined) ?? byNames[0]
  );
}

/** `k=5` before `k=10`. */
const collator = new Intl.Collator('en', { numeric: true });

/** `run-9` before `run-10`. */
export function byRun(a: { readonly run: string }, b: { readonly run: string }): number {
  return collator.compare(a.run, b.run);
}

export function byName(a: MetricView, b: MetricView): number {
  return collator.compare(a.metric, b.metric) || collator.compare(a.param, b.param);
}
