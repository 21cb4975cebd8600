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
  readonly theil_sen_per_decade?: number;
  readonly theil_sen_ci?: readonly [number, number];
}
