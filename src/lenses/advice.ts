import type { Direction } from '../metrics/metric.js';
import type { MetricStatistics, TypicalGap, Verdicts } from './metric-statistics.js';
import { FALLS } from './verdict.js';

/** Beyond this many seeds nobody runs them. */
const MOST_SEEDS = 50;

interface Advised {
  readonly metric: string;
  readonly param: string;
  readonly statistics: Pick<MetricStatistics, 'noise' | 'checkpoints'>;
  readonly verdict: Verdicts;
  /** A metric of the panel that does better. */
  readonly alternative: string | undefined;
}

/**
 * What a user should do, in words, and why: "tpp n=20: bad. Two SAEs must differ by 0.081 at one seed; run 15 seeds in
 * common for the typical gap of 0.020, or use sae_probes_auc k=5. Over evaluation seeds a score scatters by 17 % of itself."
 */
export function adviceOf({ metric, param, statistics, verdict, alternative }: Advised): string {
  const faults = [verdict.noise, verdict.discriminability, verdict.validity]
    .filter((lens) => lens.verdict === verdict.overall && verdict.overall !== 'good')
    .map(({ because }) => because);
  const instead = alternative === undefined ? [] : [`use ${alternative}`];
  const sentences = [
    noiseSentence(statistics.noise, verdict, instead),
    verdict.overall === 'unknown' ? unknownBecause(verdict) : faults.join('; '),
    ...(isWrong(verdict) ? ['more seeds do not mend that'] : []),
  ];
  const said = sentences.filter((sentence) => sentence !== '').map((sentence) => `${capitalised(sentence)}.`);
  return [`${nameOf(metric, param)}: ${verdict.overall}.`, ...said].join(' ');
}

export function nameOf(metric: string, param: string): string {
  return param === '' ? metric : `${metric} ${param}`;
}

function noiseSentence(noise: MetricStatistics['noise'], verdict: Verdicts, instead: readonly string[]): string {
  const single = noise.detectable_difference?.['1'];
  if (single === undefined) return verdict.overall === 'bad' || verdict.overall === 'weak' ? instead.join('') : '';
  // Scores that no seed moves are either not noise at all or always the same.
  const needed = single === 0 ? '' : `two SAEs must differ by ${single.toPrecision(2)} at one seed`;
  if (verdict.overall === 'good') return needed;
  const remedies = [...seedRemedy(noise.gap), ...instead];
  return [needed, remedies.join(', or ')].filter((part) => part !== '').join('; ');
}

/** Whether the metric goes the wrong way, which is worse than being noisy. */
function isWrong({ validity, discriminability }: Verdicts): boolean {
  return validity.verdict === 'bad' || discriminability.because.startsWith(FALLS);
}

function seedRemedy(gap: TypicalGap | undefined): string[] {
  if (gap === undefined) return [];
  const seeds = Math.min(gap.seeds ?? Infinity, gap.seeds_paired ?? Infinity);
  if (!Number.isFinite(seeds)) return [];
  const shared = seeds < (gap.seeds ?? Infinity) || (seeds > 1 && seeds === gap.seeds_paired);
  const typical = `for the typical gap of ${gap.median.toPrecision(2)}`;
  if (seeds > MOST_SEEDS) return [`${MOST_SEEDS} seeds are too few ${typical}`];
  return [`run ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}${shared ? ' in common' : ''} ${typical}`];
}

function unknownBecause({ noise, discriminability }: Verdicts): string {
  return noise.verdict === 'unknown' ? noise.because : discriminability.because;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How good an alternative a metric is; undefined for one that none should use, or of which neither end is better. */
export function alternativeRank(
  { noise, validity, discriminability }: Verdicts,
  direction: Direction,
): readonly number[] | undefined {
  if (direction === 'neither') return undefined;
  const { resolved_pairs_ratio: resolved = 0, snr = 0 } = discriminability.numbers;
  const trusted = noise.verdict === 'good' && discriminability.verdict === 'good';
  if (!trusted || validity.verdict === 'bad' || validity.verdict === 'weak') return undefined;
  return [validity.verdict === 'good' ? 1 : 0, resolved, snr];
}
