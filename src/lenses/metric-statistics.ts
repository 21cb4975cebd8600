import type { VarianceComponents } from '../statistics/index.js';
import type { Absent } from './explained.js';

/**
 * The statistics of one (panel, metric, param): what `discern audit --format json` prints under `metric|param`, and
 * what a record of the statistics topic carries. Keys are snake_case because other programs read them. A value that
 * is not defined for lack of data is absent, never 0 and never NaN.
 */
export interface MetricStatistics {
  /** Score curves: one entry a checkpoint, ordered by run, then step. */
  readonly checkpoints: readonly CheckpointSummary[];
  readonly noise: NoiseStatistics;
  readonly discriminability: DiscriminabilityStatistics;
  /** By run. */
  readonly trajectory: Readonly<Record<string, TrajectoryStatistics>>;
  readonly signal_and_noise?: SignalAndNoise;
  /** By ground-truth metric (`gt_f1`, `gt_mcc`), where the panel has its scores. */
  readonly validity?: Readonly<Record<string, ValidityStatistics>>;
  readonly discrimination?: Discrimination;
  /** With every other metric of the panel, by `metric|param`. */
  readonly agreement?: Readonly<Record<string, Agreement>>;
  readonly verdict?: Verdicts;
  /** What a user should do, in words. */
  readonly advice?: string;
  readonly absent?: Absent;
}

/** Scores of one checkpoint over its evaluation seeds. */
export interface CheckpointSummary {
  readonly run: string;
  readonly variant: string;
  readonly train_seed: number;
  readonly step: number;
  readonly tokens: number;
  /** Number of seeds; 1 for a metric that has none. */
  readonly n: number;
  /** Present where the score does not depend on the evaluation seed. */
  readonly seedless?: true;
  readonly mean: number;
  /** Sample standard deviation over seeds (n − 1). */
  readonly sd?: number;
  /** sd / √n */
  readonly stderr?: number;
  /** sd / |mean| */
  readonly cv?: number;
}

/** Reseed noise: what the evaluation seed alone does to the score. */
export interface NoiseStatistics {
  /** Σ(n − 1) over checkpoints with at least two seeds. */
  readonly df?: number;
  readonly pooled_sd?: number;
  /** 95 % interval by χ². */
  readonly pooled_sd_ci?: readonly [number, number];
  readonly median_cv?: number;
  /** Smallest difference two SAEs must show, by the number of seeds each was evaluated with. */
  readonly detectable_difference?: Readonly<Record<string, number>>;
  /** Standard deviation of paired differences, by common seed. */
  readonly paired_sd?: number;
  readonly paired_df?: number;
  readonly detectable_difference_paired?: Readonly<Record<string, number>>;
  /** The gap between the runs that is typical now, and the seeds that show it. */
  readonly gap?: TypicalGap;
  readonly absent?: Absent;
}

/** Half of the pairs of runs are at least this far apart, at the step that stands for now. */
export interface TypicalGap {
  readonly step: number;
  readonly runs: number;
  /** Median over run pairs of |difference of their means|. */
  readonly median: number;
  /** Evaluation seeds of its own that each SAE needs for that gap to be detectable. */
  readonly seeds?: number;
  /** The same where both have the same seeds. */
  readonly seeds_paired?: number;
}

export interface DiscriminabilityStatistics {
  readonly by_step: Readonly<Record<string, StepDiscriminability>>;
}

/** How well the runs of a panel are told apart at one step. */
export interface StepDiscriminability {
  readonly F?: number;
  readonly p?: number;
  readonly icc1?: number;
  readonly snr?: number;
  /** Share of run pairs whose difference stands after Benjamini–Hochberg at 5 %. */
  readonly resolved_pairs_ratio?: number;
  /** Kendall τ-b of the ranking of the runs here and at the latest step. */
  readonly tau_to_latest?: number;
  /** What the scores of the step vary with. */
  readonly variance_components?: VarianceComponents & { readonly absent?: Absent };
  readonly absent?: Absent;
}

/** One run over training. */
export interface TrajectoryStatistics {
  /** Spearman ρ of score and step. */
  readonly spearman?: number;
  /** Theil–Sen slope of the score per tenfold tokens. */
  readonly theil_sen_per_decade?: number;
  /** 95 % interval of the slope. */
  readonly theil_sen_ci?: readonly [number, number];
  /** √(Σ(difference of successive checkpoints)² / 2(m − 1)), von Neumann 1941: how much a score jumps about its trend. */
  readonly step_to_step_sd?: number;
  readonly absent?: Absent;
}

/** Signal and noise of Heineman et al. 2025: how far apart the runs end, against how much they move at the end. */
export interface SignalAndNoise {
  /** Number of last checkpoints that the noise is taken over. */
  readonly last: number;
  /** (max − min)/mean over the runs at the latest step. */
  readonly dispersion?: number;
  /** Mean over runs of (population sd / mean) of the last checkpoints. */
  readonly noise?: number;
  /** dispersion / noise */
  readonly snr?: number;
  readonly absent?: Absent;
}

/** How a metric agrees with what is known of a synthetic model. Correlations of means over seeds. */
export interface ValidityStatistics {
  /** Over all checkpoints: mistakes training time for quality, where both grow with it. */
  readonly all: Correlations;
  /** Across the runs at the step that stands for now. */
  readonly current?: CurrentValidity;
  /** Spearman ρ across the runs at each step. */
  readonly at_step: Readonly<Record<string, number>>;
  /** Kendall τ-b and Pearson's r across the runs at each step. */
  readonly at_step_kendall: Readonly<Record<string, number>>;
  readonly at_step_pearson: Readonly<Record<string, number>>;
  /** Over the checkpoints of each run. */
  readonly within_run: Readonly<Record<string, Correlations>>;
  /** Resamples of the intervals. */
  readonly resamples: number;
}

export interface CurrentValidity extends Correlations {
  readonly step: number;
}

export interface Correlations {
  /** Number of checkpoints that have both scores. */
  readonly n: number;
  readonly spearman?: number;
  readonly kendall?: number;
  readonly pearson?: number;
  /** 95 % interval of `spearman`, resampling whole runs; over all checkpoints and at the current step. */
  readonly spearman_ci?: readonly [number, number];
  readonly absent?: Absent;
}

/** Whether the metric tells the runs apart, by a detector with hysteresis over the compared steps. */
export interface Discrimination {
  /** 1 or 0; absent until there is evidence either way. */
  readonly discriminating?: 0 | 1;
  /** Compared steps that had an F. */
  readonly steps: number;
  /** At which steps the state changed, and to what; the first is where it became known. */
  readonly changes: readonly { readonly step: number; readonly discriminating: 0 | 1 }[];
  /** Spreads between runs in units of reseed noise that are told apart, and the evidence that a change takes. */
  readonly high: number;
  readonly low: number;
  readonly evidence: number;
}

/** How two metrics rank the runs of a panel, both oriented so that better is higher. */
export interface Agreement {
  /** The step that stands for now among those at which both scored two runs, and how many runs that is. */
  readonly step: number;
  readonly runs: number;
  /** Kendall τ-b; absent where a ranking is constant. */
  readonly tau?: number;
  /** Pairs of runs that both metrics tell apart, and those of them that they put in opposite order. */
  readonly resolved_by_both: number;
  readonly contradictions: number;
}

export type Verdict = 'good' | 'weak' | 'bad' | 'unknown';

/** What a lens says, with what decided it. */
export interface LensVerdict {
  readonly verdict: Verdict;
  readonly because: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly thresholds: Readonly<Record<string, number>>;
}

export interface Verdicts {
  readonly noise: LensVerdict;
  readonly validity: LensVerdict;
  readonly discriminability: LensVerdict;
  /** The worst that a lens says; those that say nothing do not count. */
  readonly overall: Verdict;
}
