/**
 * What the server tells the page. Values that are not defined are absent. Times are milliseconds since the epoch.
 */

/** `GET /api/state`, and the `snapshot` event. */
export interface Overview {
  readonly at: number;
  readonly panels: readonly PanelView[];
  readonly events: readonly EventView[];
  readonly deadLetters: readonly DeadLetterView[];
}

export interface PanelView {
  readonly name: string;
  readonly runs: readonly RunView[];
  readonly metrics: readonly MetricView[];
}

export interface RunView {
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  readonly tokens: number;
  readonly lastCheckpointAt?: number;
  readonly finished: boolean;
}

export type Direction = 'higher' | 'lower' | 'neither';

/** What the trust table says of one metric. */
export interface MetricView {
  /** `metric|param` */
  readonly key: string;
  readonly metric: string;
  readonly param: string;
  /** Grows with every change: the details of this revision are up to date. */
  readonly revision: number;
  readonly direction?: Direction;
  readonly description?: string;
  readonly source?: string;
  /** The step at which the runs were last compared, and how many they were. */
  readonly step?: number;
  readonly runs?: number;
  /** Lowest and highest run mean at that step. */
  readonly lowest?: number;
  readonly highest?: number;
  readonly pooledSd?: number;
  readonly pooledSdInterval?: readonly [number, number];
  readonly medianCv?: number;
  /** By number of seeds. */
  readonly detectable: Readonly<Record<string, number>>;
  readonly detectablePaired: Readonly<Record<string, number>>;
  readonly snr?: number;
  readonly resolvedPairs?: number;
  /** Kendall τ-b of the run ranking at the compared step before with the latest. */
  readonly rankStability?: number;
  /** Median over runs of Spearman's ρ of score and step. */
  readonly trend?: number;
  /** Mean over runs at each compared step. */
  readonly course: readonly number[];
  readonly verdict?: VerdictsView;
  /** What a user should do, in words. */
  readonly advice?: string;
  readonly discrimination?: DiscriminationView;
  /** Metrics that it contradicts, the most contradictory first. */
  readonly contradictions: readonly AgreementView[];
}

export type Verdict = 'good' | 'weak' | 'bad' | 'unknown';
export type Lens = 'noise' | 'discriminability' | 'validity';

/** What each lens says; `overall` is the worst of them. */
export interface VerdictsView extends Readonly<Record<Lens, LensView>> {
  readonly overall: Verdict;
}

/** A verdict with what decided it; keys as in docs/audit-json.md. */
export interface LensView {
  readonly verdict: Verdict;
  readonly because: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly thresholds: Readonly<Record<string, number>>;
}

/** Whether the metric tells the runs apart now. */
export interface DiscriminationView {
  /** Absent until there is evidence either way. */
  readonly discriminating?: boolean;
  /** The step at which that became so. */
  readonly since?: number;
  /** Compared steps that the evidence comes from. */
  readonly steps: number;
}

/** How two metrics rank the runs. */
export interface AgreementView {
  /** The other metric, `metric|param`. */
  readonly other: string;
  readonly step: number;
  readonly runs: number;
  /** Kendall's τ-b. */
  readonly tau?: number;
  /** Pairs of runs that both tell apart, and those of them that they put in opposite order. */
  readonly resolvedByBoth: number;
  readonly contradictions: number;
}

/** `GET /api/metric?panel=…&metric=…&param=…` */
export interface MetricDetails {
  readonly panel: string;
  readonly key: string;
  readonly revision: number;
  readonly curves: readonly CurveView[];
  readonly steps: readonly StepView[];
  /** With every other metric of the panel, the least agreeing first; those without a τ come last. */
  readonly agreement: readonly AgreementView[];
  /** With the ground truth, where it is known. */
  readonly validity: readonly ValidityView[];
}

/** Agreement with one ground-truth metric, by Spearman's ρ. */
export interface ValidityView {
  /** `gt_f1`, `gt_mcc` */
  readonly reference: string;
  /** Over all checkpoints. */
  readonly all: CorrelationView;
  /** Across the runs at the step that stands for now. */
  readonly current?: CorrelationView & { readonly step: number };
}

export interface CorrelationView {
  /** Checkpoints that have both scores. */
  readonly n: number;
  readonly spearman?: number;
  /** 95 %, resampling whole runs. */
  readonly interval?: readonly [number, number];
}

export interface CurveView {
  readonly run: string;
  readonly points: readonly PointView[];
}

export interface PointView {
  readonly step: number;
  readonly tokens: number;
  readonly seeds: number;
  readonly mean: number;
  readonly sd?: number;
  readonly stderr?: number;
  /** Half the width of the 95 % interval of the mean by Student's t. */
  readonly half95?: number;
  readonly cv?: number;
}

export interface StepView {
  readonly step: number;
  readonly tokens: number;
  readonly runs: number;
  readonly snr?: number;
  readonly resolvedPairs?: number;
  readonly rankStability?: number;
}

export type EventType = 'checkpoint' | 'finished' | 'evaluating' | 'evaluated' | 'refused';

export interface EventView {
  readonly type: EventType;
  readonly at: number;
  readonly panel: string;
  readonly run?: string;
  readonly step?: number;
  readonly scores?: number;
  readonly seconds?: number;
  readonly error?: string;
}

export interface DeadLetterView {
  readonly at: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly reason: string;
  readonly error: string;
}

/** The `update` event: only what changed since the last event of this connection. */
export interface Update {
  readonly at: number;
  readonly panels?: readonly PanelUpdate[];
  readonly removedPanels?: readonly string[];
  /** The whole list when any of it changed; likewise below. */
  readonly events?: readonly EventView[];
  readonly deadLetters?: readonly DeadLetterView[];
}

export interface PanelUpdate {
  readonly name: string;
  /** All runs when any changed. */
  readonly runs?: readonly RunView[];
  /** Those that changed or are new. */
  readonly metrics?: readonly MetricView[];
  readonly removedMetrics?: readonly string[];
}
