/**
 * How the detector of "stops discriminating" behaves, by simulation:
 *
 *     npm run build && node dist/bench/detector.js [panels]
 *
 * Per panel shape: the share of panels in which a collapse of the snr from 3 to 0.3 is found within 4 compared steps,
 * how long it takes on average, and the average run length until a false alarm while the snr stays what it was.
 */
import { simulateCollapse, simulateRunLength } from '../src/lenses/simulate-discrimination.js';

const panels = Number(process.argv[2] ?? 2000);
const LONGEST = 2000;

console.log('runs × seeds   found ≤ 4   mean delay   run length at snr 3, 2.5 (censored at 2000), recovery ≤ 4');
for (const [runs, seeds] of [
  [3, 5],
  [4, 5],
  [5, 5],
  [7, 5],
  [7, 3],
  [5, 3],
  [20, 5],
  [50, 5],
] as const) {
  const collapse = simulateCollapse({ runs, seeds, panels, from: 3, to: 0.3, seed: 1 });
  const recovery = simulateCollapse({ runs, seeds, panels, from: 0.3, to: 3, seed: 2 });
  const few = Math.ceil(panels / 20);
  const lengths = [3, 2.5].map((snr) =>
    simulateRunLength({ runs, seeds, panels: few, snr, longest: LONGEST, seed: 3 }),
  );
  console.log(
    [
      `${runs} × ${seeds}`.padEnd(12),
      `${(100 * within(collapse, 4)).toFixed(1)} %`.padStart(9),
      mean(collapse).toFixed(2).padStart(10),
      ...lengths.map((found) => `≥ ${mean(found).toFixed(0)}`.padStart(10)),
      `${(100 * within(recovery, 4)).toFixed(1)} %`.padStart(9),
    ].join('   '),
  );
}

function within(delays: readonly number[], steps: number): number {
  return delays.filter((delay) => delay <= steps).length / delays.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
