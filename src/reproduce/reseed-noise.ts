import { present } from '../lenses/present.js';
import { median } from '../statistics/index.js';
import { estimateByVariant, type Estimate } from './by-variant.js';
import type { ComparedRun, MetricScores, PanelScores } from './panel-scores.js';

/** How far the scores of one and the same SAE scatter over evaluation seeds, relative to themselves. */
export interface ReseedNoise {
  readonly metric: string;
  readonly param: string;
  /** Median over the runs, at the step that stands for now, of sd / |mean|. */
  readonly cv: Estimate;
  readonly lowest?: number;
  readonly highest?: number;
  /** Runs with two evaluation seeds or more and a mean that is not 0. */
  readonly runs: number;
}

/** The seeded metrics that rank SAEs, those of least noise first; those without a CV last, by name. */
export function rankReseedNoise({ metrics }: PanelScores): readonly ReseedNoise[] {
  return metrics
    .filter(({ seeded, direction }) => seeded && direction !== 'neither')
    .map(reseedNoise)
    .sort((a, b) => (a.cv.value ?? Infinity) - (b.cv.value ?? Infinity) || 0);
}

function reseedNoise({ metric, param, compared }: MetricScores): ReseedNoise {
  const cvs = compared.flatMap(({ cv }) => cv ?? []);
  return present({
    metric,
    param,
    cv: estimateByVariant(compared, medianCv),
    lowest: cvs.length === 0 ? undefined : Math.min(...cvs),
    highest: cvs.length === 0 ? undefined : Math.max(...cvs),
    runs: cvs.length,
  });
}

/** Undefined where no run has a CV. */
export function medianCv(runs: readonly Pick<ComparedRun, 'cv'>[]): number | undefined {
  return median(runs.flatMap(({ cv }) => cv ?? []));
}
