import type { Direction } from '../metrics/metric.js';
import { median } from '../statistics/index.js';
import type {
  CurrentValidity,
  LensVerdict,
  MetricStatistics,
  StepDiscriminability,
  ValidityStatistics,
  Verdict,
  Verdicts,
} from './metric-statistics.js';
import { present } from './present.js';

/** Where the lenses draw their lines. Both ends of an interval are meant where one is compared. */
export interface VerdictThresholds {
  /** Median coefficient of variation over evaluation seeds, and the degrees of freedom it takes to say. */
  readonly noise: { readonly good_cv: number; readonly bad_cv: number; readonly fewest_df: number };
  /** Median over the last compared steps of the share of resolved pairs; Spearman ρ of score and step. */
  readonly discriminability: {
    readonly good_resolved: number;
    readonly bad_resolved: number;
    readonly last_steps: number;
    readonly falling_trend: number;
    readonly fewest_checkpoints: number;
  };
  /** Spearman ρ with the ground truth across the runs. */
  readonly validity: { readonly good_spearman: number };
}

export const THRESHOLDS: VerdictThresholds = {
  noise: { good_cv: 0.05, bad_cv: 0.15, fewest_df: 4 },
  discriminability: {
    good_resolved: 0.7,
    bad_resolved: 0.2,
    last_steps: 3,
    falling_trend: -0.5,
    fewest_checkpoints: 4,
  },
  validity: { good_spearman: 0.5 },
};

/** What verdicts are made of. */
export interface Evidence extends Pick<MetricStatistics, 'noise' | 'discrimination' | 'validity'> {
  /** Whether no score depends on the evaluation seed. */
  readonly seedless: boolean;
  /** Of each run: how many checkpoints it has, and Spearman ρ of score and step. */
  readonly trends: readonly RunTrend[];
  /** The compared steps in ascending order, without a last one that only some of the runs have reached. */
  readonly settled: readonly StepDiscriminability[];
}

export interface RunTrend {
  readonly checkpoints: number;
  readonly spearman: number | undefined;
}

export interface VerdictContext {
  readonly direction: Direction;
  /** Median over runs of Spearman ρ of the ground truth and the step; undefined without ground truth. */
  readonly truthTrend: number | undefined;
  readonly thresholds: VerdictThresholds;
}

export function verdictOf(evidence: Evidence, context: VerdictContext): Verdicts {
  const { thresholds } = context;
  const noise = noiseVerdict(evidence, thresholds.noise);
  const validity = validityVerdict(evidence, context);
  const discriminability = discriminabilityVerdict(evidence, context);
  return { noise, validity, discriminability, overall: overallOf(noise, validity, discriminability) };
}

/** A score that is merely free of noise has shown nothing yet. */
function overallOf(noise: LensVerdict, validity: LensVerdict, discriminability: LensVerdict): Verdict {
  const said = worst([noise, validity, discriminability]);
  const shown = validity.verdict !== 'unknown' || discriminability.verdict !== 'unknown';
  return said === 'good' && !shown ? 'unknown' : said;
}

const FROM_WORST: readonly Verdict[] = ['bad', 'weak', 'good'];

function worst(verdicts: readonly LensVerdict[]): Verdict {
  return FROM_WORST.find((level) => verdicts.some(({ verdict }) => verdict === level)) ?? 'unknown';
}

function noiseVerdict({ noise, seedless }: Evidence, thresholds: VerdictThresholds['noise']): LensVerdict {
  const { median_cv: cv, df = 0 } = noise;
  const say = (verdict: Verdict, because: string): LensVerdict => {
    return { verdict, because, numbers: numbersOf({ median_cv: cv, df }), thresholds };
  };
  if (seedless) {
    return say('good', 'the score does not depend on the evaluation seed');
  }
  if (df < thresholds.fewest_df) return say('unknown', 'too few checkpoints were evaluated with two seeds');
  if (cv === undefined) return say('unknown', 'the scores have a mean of 0');
  const scatter = `over evaluation seeds a score scatters by ${percent(cv)} of itself`;
  if (cv <= thresholds.good_cv) return say('good', scatter);
  return say(cv > thresholds.bad_cv ? 'bad' : 'weak', scatter);
}

function discriminabilityVerdict(
  evidence: Evidence,
  { direction, truthTrend, thresholds: { discriminability: thresholds } }: VerdictContext,
): LensVerdict {
  const trend = trendOf(evidence.trends, thresholds.fewest_checkpoints, direction);
  const recent = recentResolved(evidence.settled, thresholds.last_steps);
  const { discriminating } = evidence.discrimination ?? {};
  const numbers = numbersOf({
    trend,
    truth_trend: truthTrend,
    resolved_pairs_ratio: recent?.median,
    snr: evidence.settled.at(-1)?.snr,
    discriminating,
  });
  const say = (verdict: Verdict, because: string): LensVerdict => {
    return { verdict, because, numbers, thresholds };
  };
  // Where the truth is known and does not rise, falling scores are no fault.
  const improves = truthTrend === undefined || truthTrend >= -thresholds.falling_trend;
  if (trend !== undefined && trend <= thresholds.falling_trend && improves) {
    return say('bad', `${FALLS} (ρ ${signed(trend)})`);
  }
  if (recent === undefined) return say('unknown', 'no two runs have scores of two evaluation seeds each');
  const over = recent.steps > 1 ? ` (median of the last ${recent.steps} steps)` : '';
  const told = `${percent(recent.median)} of the pairs of runs are told apart${over}`;
  if (recent.median < thresholds.bad_resolved) return say('bad', told);
  if (discriminating === 0) return say('weak', `it has stopped telling runs apart, although ${told}`);
  return say(recent.median >= thresholds.good_resolved ? 'good' : 'weak', told);
}

/** How a verdict on falling scores begins. */
export const FALLS = 'scores get worse while training improves the SAE';

/** Median over runs with enough checkpoints of Spearman ρ of score and step; up is better. Undefined without a better end. */
export function trendOf(trends: readonly RunTrend[], fewest: number, direction: Direction): number | undefined {
  if (direction === 'neither') return undefined;
  const rhos: number[] = [];
  for (const { checkpoints, spearman } of trends) {
    if (spearman !== undefined && checkpoints >= fewest) rhos.push(spearman);
  }
  const trend = median(rhos);
  return trend === undefined || direction === 'higher' ? trend : 0 - trend;
}

/** The share of resolved pairs over the last steps that have one, and how many those are. */
function recentResolved(
  settled: readonly StepDiscriminability[],
  last: number,
): { readonly median: number; readonly steps: number } | undefined {
  const ratios: number[] = [];
  for (let i = settled.length - 1; i >= 0 && ratios.length < last; i--) {
    const { resolved_pairs_ratio: ratio } = settled[i];
    if (ratio !== undefined) ratios.push(ratio);
  }
  const middle = median(ratios);
  return middle === undefined ? undefined : { median: middle, steps: ratios.length };
}

function validityVerdict({ validity = {} }: Evidence, context: VerdictContext): LensVerdict {
  const references = Object.entries(validity);
  const thresholds = context.thresholds.validity;
  const unknown = (because: string): LensVerdict => ({ verdict: 'unknown', because, numbers: {}, thresholds });
  if (references.length === 0) return unknown('the panel has no ground truth for its checkpoints');
  if (context.direction === 'neither') return unknown('the metric declares neither end as better');
  const sign = context.direction === 'lower' ? -1 : 1;
  const found = references.map(([name, statistics]) => againstReference(name, statistics, sign, thresholds));
  const known = found.filter(({ verdict }) => verdict !== 'unknown');
  const deciding = known.find(({ verdict }) => verdict === worst(known)) ?? found[0];
  const numbers = Object.assign({}, ...found.map((each) => each.numbers)) as Record<string, number>;
  return { ...deciding, numbers };
}

function againstReference(
  name: string,
  { all, current }: ValidityStatistics,
  sign: 1 | -1,
  thresholds: VerdictThresholds['validity'],
): LensVerdict {
  const [whole, now] = [oriented(all.spearman_ci, sign), oriented(current?.spearman_ci, sign)];
  const rho = current?.spearman === undefined ? undefined : sign * current.spearman;
  const numbers = numbersOf({
    [`${name}_all`]: all.spearman === undefined ? undefined : sign * all.spearman,
    [`${name}_all_low`]: whole?.[0],
    [`${name}_all_high`]: whole?.[1],
    [`${name}_current`]: rho,
    [`${name}_current_low`]: now?.[0],
    [`${name}_current_high`]: now?.[1],
  });
  const say = (verdict: Verdict, because: string): LensVerdict => ({ verdict, because, numbers, thresholds });
  if (now !== undefined && now[1] < 0)
    return say('bad', `it ranks the runs against ${name} (${across(current, sign, now)})`);
  if (whole !== undefined && whole[1] < 0) {
    return say('bad', `over all checkpoints it goes against ${name} (ρ ${range(whole)})`);
  }
  if (now === undefined || rho === undefined)
    return say('unknown', `too few runs to say whether it ranks them as ${name} does`);
  const words = across(current, sign, now);
  const { good_spearman: good } = thresholds;
  // An interval that holds 0 as well as a good ρ says nothing; one that stops short of a good ρ says that it is not.
  if (now[0] <= 0 && now[1] >= good) {
    return say('unknown', `the runs do not show whether it ranks them as ${name} does (${words})`);
  }
  const sure = now[0] > 0 && rho >= good && (whole === undefined || whole[0] > 0);
  return sure
    ? say('good', `it ranks the runs as ${name} does (${words})`)
    : say('weak', `it hardly ranks the runs as ${name} does (${words})`);
}

function across(current: CurrentValidity | undefined, sign: 1 | -1, interval: readonly [number, number]): string {
  const rho = current?.spearman === undefined ? '' : `ρ ${signed(sign * current.spearman)}, `;
  return `across ${current?.n ?? 0} runs ${rho}interval ${range(interval)}`;
}

function oriented(
  interval: readonly [number, number] | undefined,
  sign: 1 | -1,
): readonly [number, number] | undefined {
  if (interval === undefined || sign === 1) return interval;
  return [-interval[1], -interval[0]];
}

function numbersOf(numbers: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return present(numbers) as Record<string, number>;
}

function range([low, high]: readonly [number, number]): string {
  return `${signed(low)} to ${signed(high)}`;
}

function signed(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

function percent(value: number): string {
  return `${(100 * value).toFixed(value < 0.1 && value > 0 ? 1 : 0)} %`;
}
