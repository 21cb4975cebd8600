import type { Agreement, LensVerdict, MetricStatistics, Verdict } from '../../../../src/lenses/metric-statistics.js';
import type { ObservedState } from '../../../../src/telemetry/observed-state.js';
import { STATISTICS, checkpoint, stateOf, statistics, summary } from '../../telemetry/states.js';

const against = (other: string, contradictions: number): Readonly<Record<string, Agreement>> => ({
  [other]: { step: 200, runs: 2, tau: 1 - 2 * contradictions, resolved_by_both: 1, contradictions },
});

const lens = (verdict: Verdict, because: string): LensVerdict => ({
  verdict,
  because,
  numbers: { median_cv: 0.2 },
  thresholds: { bad_cv: 0.15 },
});

/** A metric that tells its runs apart; one that is noisy and contradicts it; one that depends on no seed. */
const TPP: MetricStatistics = {
  ...STATISTICS,
  advice: 'tpp n=20: good. Two SAEs must differ by 0.062 at one seed.',
  agreement: against('scr|n=5', 1),
};
const SCR: MetricStatistics = {
  ...STATISTICS,
  advice: 'scr n=5: bad. Run 9 seeds in common for the typical gap of 0.020, or use tpp n=20.',
  agreement: against('tpp|n=20', 1),
  discrimination: { ...STATISTICS.discrimination!, discriminating: 0, changes: [{ step: 200, discriminating: 0 }] },
  verdict: {
    noise: lens('bad', 'over evaluation seeds a score scatters by 20 % of itself'),
    validity: lens('unknown', 'no ground truth'),
    discriminability: lens('weak', 'it has stopped telling runs apart'),
    overall: 'bad',
  },
};
const L0: MetricStatistics = {
  ...STATISTICS,
  agreement: undefined,
  discrimination: undefined,
  validity: undefined,
  verdict: { ...STATISTICS.verdict!, overall: 'weak' },
};

const OBSERVATIONS = [
  checkpoint('a', 200, 5000),
  checkpoint('b', 200, 6000),
  statistics('tpp', 'n=20', TPP),
  statistics('scr', 'n=5', SCR),
  statistics('l0', '', L0),
  {
    type: 'dead-letter',
    at: 7000,
    topic: 'discern.checkpoints',
    partition: 0,
    offset: '3',
    key: 'p/c',
    reason: 'unreadable_weights',
    error: 'cfg.json has no d_sae',
  },
] as const;

/** Two runs with three metrics and a dead letter. */
export const PANEL_STATE: ObservedState = stateOf(...OBSERVATIONS);

/** A third run has come, and with it new scores of `tpp n=20`. */
export const LATER_STATE: ObservedState = stateOf(
  ...OBSERVATIONS,
  checkpoint('c', 200, 8000),
  statistics('tpp', 'n=20', {
    ...TPP,
    checkpoints: [...TPP.checkpoints, summary('c', 200, 0.9)],
    noise: { ...TPP.noise, pooled_sd: 0.0456 },
    advice: 'tpp n=20: good. Now with three runs.',
  }),
);

/** Twenty more runs have come, each a variant of its own. */
const MANY = Array.from({ length: 20 }, (_, index) => `r${index}`);
export const CROWDED_STATE: ObservedState = stateOf(
  ...OBSERVATIONS,
  ...MANY.map((run) => checkpoint(run, 200, 5000)),
  statistics('tpp', 'n=20', {
    ...TPP,
    checkpoints: MANY.flatMap((run, index) => [summary(run, 100, index / 20), summary(run, 200, index / 18)]),
  }),
);
