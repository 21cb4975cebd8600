import { EDetector, logLikelihoodRatio, type Anova } from '../statistics/index.js';
import type { Discrimination } from './metric-statistics.js';
import { present } from './present.js';

/** When a metric counts as telling runs apart; spreads are in units of the reseed noise (snr). */
export interface DetectorOptions {
  /** A spread this large is discriminating: false alarms are bounded for it and all larger ones. */
  readonly high: number;
  /** A spread this small is not. Between the two lies the hysteresis. */
  readonly low: number;
  /** Evidence at which the state changes: on average at most one false alarm in so many compared steps. */
  readonly evidence: number;
}

export const DETECTOR: DetectorOptions = { high: 2.5, low: 0.3, evidence: 500 };

/** What the analysis of variance of a step says for `low` against `high`, as a logarithm; undefined without an F. */
export function evidenceOf(anova: Anova | undefined, { high, low } = DETECTOR): number | undefined {
  return anova === undefined ? undefined : logLikelihoodRatio(anova, low, high);
}

/** The detector over analyses of variance, in ascending order of the step. */
export function discrimination(
  steps: readonly (readonly [number, Anova | undefined])[],
  options: DetectorOptions = DETECTOR,
): Discrimination | undefined {
  const evidence = steps.map(([, anova]) => evidenceOf(anova, options) ?? NaN);
  return detect(
    steps.map(([step]) => step),
    evidence,
    options,
  );
}

/**
 * Whether a metric tells the runs of a panel apart, over training: an event-based detector with hysteresis, counted in
 * compared steps (each one checkpoint of every run), not in minutes.
 *
 * 1. The state is undefined until there is evidence either way.
 * 2. While it is 1, a Shiryaev–Roberts e-detector gathers evidence for `low` against `high`; at `evidence` the state
 *    becomes 0, and the detector starts anew.
 * 3. While it is 0, another gathers evidence the other way, with the same threshold.
 * 4. Steps without an F (no repeats) tell nothing and are passed over.
 *
 * @param steps in ascending order
 * @param ratios what each of the first steps says, NaN where nothing
 */
export function detect(
  steps: readonly number[],
  ratios: readonly number[],
  { high, low, evidence }: DetectorOptions = DETECTOR,
): Discrimination | undefined {
  const [stopped, started] = [new EDetector(), new EDetector()];
  const changes: { step: number; discriminating: 0 | 1 }[] = [];
  let state: 0 | 1 | undefined;
  let seen = 0;
  const become = (next: 0 | 1, step: number): void => {
    state = next;
    changes.push({ step, discriminating: next });
    stopped.reset();
    started.reset();
  };
  for (let i = 0; i < ratios.length; i++) {
    const [step, ratio] = [steps[i], ratios[i]];
    if (Number.isNaN(ratio)) continue;
    seen += 1;
    if (state !== 0) stopped.update(ratio);
    if (state !== 1) started.update(-ratio);
    if (state !== 0 && stopped.value >= evidence) become(0, step);
    else if (state !== 1 && started.value >= evidence) become(1, step);
  }
  if (seen === 0) return undefined;
  return present({ discriminating: state, steps: seen, changes, high, low, evidence });
}
