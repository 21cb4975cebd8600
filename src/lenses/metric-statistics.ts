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
}
