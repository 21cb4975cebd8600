import { findScores, type MetricScores, type PanelScores } from './panel-scores.js';

/** A metric and its setting. */
export interface Setting {
  readonly metric: string;
  readonly param: string;
}

/** The setting at which each benchmark is compared with the others: the first that a panel has. */
const CANONICAL: readonly (readonly [Setting, ...Setting[]])[] = [
  [
    { metric: 'sae_probes_f1', param: 'k=5' },
    { metric: 'sae_probes_auc', param: 'k=5' },
  ],
  [
    { metric: 'sparse_probing', param: 'k=5' },
    { metric: 'sparse_probing', param: 'k=1' },
  ],
  [{ metric: 'tpp', param: 'n=20' }],
  [{ metric: 'scr', param: 'n=20' }],
];

const [SAE_PROBES, ...OTHERS] = CANONICAL;

/** TPP as SAEBench reports it. */
export const TPP: Setting = { metric: 'tpp', param: 'n=20' };

/** The setting as one text. */
export function nameOf({ metric, param }: Setting): string {
  return param === '' ? metric : `${metric} ${param}`;
}

/** sae-probes in the panel; `setting` says what was looked for where it has none. */
export function saeProbesIn(panel: PanelScores): { readonly setting: Setting; readonly scores?: MetricScores } {
  const scores = firstOf(panel, SAE_PROBES);
  return scores === undefined ? { setting: SAE_PROBES[0] } : { setting: scores, scores };
}

/** The scores of the other benchmarks, as far as the panel has them. */
export function otherBenchmarks(panel: PanelScores): readonly MetricScores[] {
  return OTHERS.flatMap((settings) => firstOf(panel, settings) ?? []);
}

/** The settings of all benchmarks that the panel has. */
export function canonicalSettings(panel: PanelScores): readonly Setting[] {
  return CANONICAL.flatMap((settings) => {
    const found = firstOf(panel, settings);
    return found === undefined ? [] : [{ metric: found.metric, param: found.param }];
  });
}

function firstOf(panel: PanelScores, settings: readonly Setting[]): MetricScores | undefined {
  for (const { metric, param } of settings) {
    const scores = findScores(panel, metric, param);
    if (scores !== undefined) return scores;
  }
  return undefined;
}

/** What an architecture is called: what stands before the first `-` of its variants' names. */
export function architectureOf(variant: string): string {
  return variant.split('-', 1)[0];
}
