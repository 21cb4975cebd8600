import { Mt19937 } from '../random/mt19937.js';
import { Moments, oneWayAnova, type Anova } from '../statistics/index.js';
import { DETECTOR, discrimination, type DetectorOptions } from './discrimination.js';

/** A panel whose runs keep their places, evaluated with independent normal noise at each step. */
interface Shape {
  readonly runs: number;
  readonly seeds: number;
  /** Panels that are simulated. */
  readonly panels: number;
  readonly seed: number;
  readonly options?: DetectorOptions;
}

const BEFORE = 10;
const LONGEST_DELAY = 50;

/**
 * Steps from a change of the snr until the detector says so, one entry a panel. Panels spend ten steps at the first snr;
 * delays of more than 50 steps count as 50.
 */
export function simulateCollapse(shape: Shape & { readonly from: number; readonly to: number }): number[] {
  const { from, to, options = DETECTOR } = shape;
  const random = new Mt19937(shape.seed);
  const target = to < from ? 0 : 1;
  return Array.from({ length: shape.panels }, () => {
    const steps = Array.from({ length: BEFORE + LONGEST_DELAY }, (_, step) => {
      const snr = step < BEFORE ? from : to;
      return [step, simulateStep(shape, snr, random)] as const;
    });
    const changes = discrimination(steps, options)?.changes ?? [];
    const found = changes.find(({ step, discriminating }) => step >= BEFORE && discriminating === target);
    return found === undefined ? LONGEST_DELAY : found.step - BEFORE + 1;
  });
}

/** Steps until the first false alarm while the snr stays the same, one entry a panel; at most `longest`. */
export function simulateRunLength(shape: Shape & { readonly snr: number; readonly longest: number }): number[] {
  const { snr, longest, options = DETECTOR } = shape;
  const random = new Mt19937(shape.seed);
  return Array.from({ length: shape.panels }, () => {
    const steps = Array.from({ length: longest }, (_, step) => [step, simulateStep(shape, snr, random)] as const);
    const alarm = discrimination(steps, options)?.changes.find(({ discriminating }) => discriminating === 0);
    return alarm === undefined ? longest : alarm.step + 1;
  });
}

/** Runs evenly apart, so that their standard deviation is `snr` times the noise. */
function simulateStep({ runs, seeds }: Shape, snr: number, random: Mt19937): Anova | undefined {
  const spacing = snr / Math.sqrt((runs * (runs + 1)) / 12);
  return oneWayAnova(
    Array.from({ length: runs }, (_, run) =>
      Moments.of(Array.from({ length: seeds }, () => run * spacing + normal(random))),
    ),
  );
}

/** Box and Muller 1958. */
function normal(random: Mt19937): number {
  const radius = Math.sqrt(-2 * Math.log((random.uint32() + 1) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * random.uint32()) / 2 ** 32);
}
