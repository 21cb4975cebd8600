import { finite } from './finite.js';
import { Moments } from './moments.js';

/** A run at one step: what it is of, and its scores by evaluation seed, the same seeds in the same order for every run. */
export interface SeededRun {
  readonly variant: string;
  readonly scores: readonly number[];
}

/** Variances by source, estimated from mean squares; an estimate below 0 is 0. */
export interface VarianceComponents {
  /** Between runs: variant and training seed together. */
  readonly run?: number;
  /** Between variants, and between the training seeds of a variant: only where some variant has two runs. */
  readonly variant?: number;
  readonly training_seed?: number;
  /** What an evaluation seed does to all runs alike. Paired comparisons are free of it. */
  readonly evaluation_seed?: number;
  /** What an evaluation seed does to one run. */
  readonly residual?: number;
}

/**
 * Components of the random-effects model score = μ + variant + training seed (within variant) + evaluation seed +
 * residual, by the analysis of variance of the complete table runs × seeds (Searle, Casella and McCulloch 1992, §4;
 * variants may have different numbers of runs). Undefined with fewer than two runs or two seeds.
 */
export function varianceComponents(runs: readonly SeededRun[]): VarianceComponents | undefined {
  const seeds = runs[0]?.scores.length ?? 0;
  if (runs.length < 2 || seeds < 2) return undefined;
  const runMeans = runs.map(({ scores }) => Moments.of(scores).mean!);
  const seedMeans: number[] = [];
  for (let s = 0; s < seeds; s++) seedMeans.push(meanOfSeed(runs, s));
  const overRuns = Moments.of(runMeans);
  const residual = residualSquares(runs, runMeans, seedMeans, overRuns.mean!) / ((runs.length - 1) * (seeds - 1));
  const runSquare = seeds * overRuns.variance!;
  const seedSquare = runs.length * Moments.of(seedMeans).variance!;
  return {
    run: component(runSquare - residual, seeds),
    ...withinVariants(runs, { runMeans, grand: overRuns.mean!, seeds, residual }),
    evaluation_seed: component(seedSquare - residual, runs.length),
    residual: finite(residual),
  };
}

function meanOfSeed(runs: readonly SeededRun[], seed: number): number {
  const moments = new Moments();
  for (const { scores } of runs) moments.update(scores[seed]);
  return moments.mean!;
}

function residualSquares(
  runs: readonly SeededRun[],
  runMeans: readonly number[],
  seedMeans: readonly number[],
  grand: number,
): number {
  let squares = 0;
  for (let r = 0; r < runs.length; r++) {
    const { scores } = runs[r];
    for (let s = 0; s < scores.length; s++) squares += (scores[s] - runMeans[r] - seedMeans[s] + grand) ** 2;
  }
  return squares;
}

/** Splits what lies between the runs. Absent where no variant has two runs; one variant alone has no component. */
function withinVariants(
  runs: readonly SeededRun[],
  table: {
    readonly runMeans: readonly number[];
    readonly grand: number;
    readonly seeds: number;
    readonly residual: number;
  },
): Pick<VarianceComponents, 'variant' | 'training_seed'> {
  const { runMeans, grand, seeds, residual } = table;
  const variants = new Map<string, Moments>();
  for (let r = 0; r < runs.length; r++) {
    const { variant } = runs[r];
    let moments = variants.get(variant);
    if (moments === undefined) variants.set(variant, (moments = new Moments()));
    moments.update(runMeans[r]);
  }
  const groups = [...variants.values()];
  const within = runs.length - groups.length;
  if (within === 0) return {};
  const trainingSquare = (seeds * groups.reduce((sum, { sumOfSquares }) => sum + sumOfSquares, 0)) / within;
  const training_seed = component(trainingSquare - residual, seeds);
  if (groups.length < 2) return { training_seed };
  const between = groups.reduce((sum, { count, mean }) => sum + count * (mean! - grand) ** 2, 0);
  const variantSquare = (seeds * between) / (groups.length - 1);
  const sizes = groups.reduce((sum, { count }) => sum + count ** 2, 0) / runs.length;
  const groupSize = (runs.length - sizes) / (groups.length - 1);
  return { variant: component(variantSquare - trainingSquare, seeds * groupSize), training_seed };
}

function component(excess: number, repeats: number): number | undefined {
  return finite(Math.max(0, excess / repeats));
}
