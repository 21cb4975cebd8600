import { ABSENT, formatInteger, formatNumber, formatPercent, formatSigned } from './format.js';
import type { DiscriminationView, Lens, MetricView } from './protocol.js';

export const LENSES: readonly Lens[] = ['noise', 'discriminability', 'validity'];

export const LENS_NAMES: Readonly<Record<Lens, string>> = {
  noise: 'Noise',
  discriminability: 'Discriminability',
  validity: 'Validity',
};

/** The number that a lens is mostly about, as the table shows it beside the verdict; empty where there is none. */
export function headlineOf(lens: Lens, { medianCv, resolvedPairs, verdict }: MetricView): string {
  const { numbers = {} } = verdict?.[lens] ?? {};
  const text = {
    noise: formatPercent(medianCv),
    // What the verdict is about, which is more than the step that stands for now.
    discriminability: formatPercent(numbers['resolved_pairs_ratio'] ?? resolvedPairs),
    validity: formatSigned(validityOf(numbers)),
  }[lens];
  return text === ABSENT ? '' : text;
}

/** The lowest ρ with a ground-truth metric across the runs. */
export function validityOf(numbers: Readonly<Record<string, number>>): number | undefined {
  const rhos = Object.entries(numbers).flatMap(([name, value]) => (name.endsWith('_current') ? [value] : []));
  return rhos.length === 0 ? undefined : Math.min(...rhos);
}

/** Whether the metric tells the runs apart now, in a word and in a sentence. */
export interface DiscriminationWords {
  readonly state: 'yes' | 'no' | 'unknown';
  readonly word: string;
  /** ` since step 120`; empty where it is not known. */
  readonly since: string;
  readonly sentence: string;
}

export function discriminationWords(view: DiscriminationView | undefined): DiscriminationWords {
  if (view?.discriminating === undefined) {
    const steps = view?.steps ?? 0;
    const sentence = `Not yet known whether it tells the runs apart (${counted(steps, 'compared step')} so far)`;
    return { state: 'unknown', word: 'not yet known', since: '', sentence };
  }
  const since = view.since === undefined ? '' : ` since step ${formatInteger(view.since)}`;
  return view.discriminating
    ? { state: 'yes', word: 'yes', since, sentence: `Tells the runs apart now${since}` }
    : { state: 'no', word: 'no', since, sentence: `Does not tell the runs apart now${since}` };
}

export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const NAMES: Readonly<Record<string, string>> = {
  median_cv: 'median CV',
  df: 'degrees of freedom',
  trend: 'trend of the score (ρ)',
  truth_trend: 'trend of the ground truth (ρ)',
  resolved_pairs_ratio: 'resolved pairs, last steps',
  snr: 'signal to noise',
  discriminating: 'tells runs apart now',
  good_cv: 'good up to a CV of',
  bad_cv: 'bad above a CV of',
  fewest_df: 'degrees of freedom it takes',
  good_resolved: 'good from resolved pairs of',
  bad_resolved: 'bad below resolved pairs of',
  last_steps: 'steps that count',
  falling_trend: 'bad at a trend of or below',
  fewest_checkpoints: 'checkpoints a trend takes',
  good_spearman: 'good from a ρ of',
};

const PERCENTS = new Set(['median_cv', 'resolved_pairs_ratio', 'good_cv', 'bad_cv', 'good_resolved', 'bad_resolved']);
const CORRELATION = /^(trend|truth_trend|falling_trend|good_spearman)$|_(all|current)(_low|_high)?$/;

/** A number or threshold of a verdict, named and formatted for people. */
export function lensNumber(name: string, value: number): { readonly name: string; readonly value: string } {
  return { name: NAMES[name] ?? referenceName(name), value: lensValue(name, value) };
}

function lensValue(name: string, value: number): string {
  if (name === 'discriminating') return value === 1 ? 'yes' : 'no';
  if (PERCENTS.has(name)) return formatPercent(value);
  if (CORRELATION.test(name)) return formatSigned(value);
  return Number.isInteger(value) ? formatInteger(value) : formatNumber(value);
}

/** `gt_f1_current_low`: ρ with gt_f1 across the runs, lower end. */
function referenceName(name: string): string {
  const match = /^(.+)_(all|current)(?:_(low|high))?$/.exec(name);
  if (match === null) return name.replaceAll('_', ' ');
  const [, reference, over] = match;
  const end = match.at(3);
  const where = over === 'all' ? 'over all checkpoints' : 'across the runs';
  const which = end === undefined ? '' : `, ${end === 'low' ? 'lower' : 'upper'} end`;
  return `ρ with ${reference} ${where}${which}`;
}
