/**
 * Speed and memory of the audit on a large panel: how fast scores are folded, and how long until every statistic shows
 * a new checkpoint:
 *
 *     npm run build && node --expose-gc dist/bench/audit.js [runs] [steps] [metrics] [seeds]
 *
 * Two panels are timed: one whose metrics are audited against each other only, and one on a synthetic model, whose
 * ground truth makes every metric's validity change with every checkpoint. Fewer runs are not less work: up to 16 of them the
 * resamples of an interval are ranked anew, so 12 runs are worth timing too.
 *
 * All scores at once are what a restart is; code that brings statistics up to date has not run then, and the first
 * checkpoints wait for the compiler. In a Discern that has audited for a while it has; that one may still pause longer for
 * its garbage, of which it has made more. Therefore twice as many checkpoints as there are runs are timed after the restart,
 * and as many after those. Times on a shared machine only ever grow, so the best, the median and the 95th percentile are
 * shown, with processor time in brackets (that of all threads: the compiler's and the garbage collector's too).
 */
import { Auditor } from '../src/lenses/index.js';
import { scorePanel } from './support/score-panel.js';

const [runs = 50, steps = 30, metrics = 40, seeds = 5] = process.argv.slice(2).map(Number);
/** Every run reaches two steps: of 40 checkpoints the second worst would pass for the 95th percentile. */
const CHECKPOINTS = 2 * runs;
const MEBIBYTE = 2 ** 20;

interface Time {
  readonly wall: number;
  readonly cpu: number;
}

for (const truth of ['absent', 'present'] as const) measure(truth);

function measure(truth: 'absent' | 'present'): void {
  const panel = scorePanel(truth, { runs, metrics, seeds });
  const before = heapUsed();
  const auditor = new Auditor({ direction: () => 'higher' });
  const scores = panel.scores(0, steps);
  const afterScores = heapUsed();
  const folding = milliseconds(() => {
    for (const score of scores) auditor.add(score);
  });
  const folded = heapUsed() - afterScores;
  const first = milliseconds(() => void readChanged(auditor));
  const whole = heapUsed() - afterScores;
  const [restarted, running] = [0, CHECKPOINTS].map((start) =>
    Array.from({ length: CHECKPOINTS }, (_, i) => {
      // The runs reach the next step one after the other.
      const checkpoint = panel.checkpoint((start + i) % runs, steps + Math.floor((start + i) / runs));
      return milliseconds(() => {
        for (const score of checkpoint) auditor.add(score);
        readChanged(auditor);
      });
    }),
  );
  console.log(
    [
      `ground truth ${truth}: ${scores.length} scores, ${auditor.keys().length} metric-params`,
      `fold ${rate(scores.length, folding.wall)} scores/s (${rate(scores.length, folding.cpu)} by processor time)`,
      `all statistics from nothing ${first.wall.toFixed(0)} ms (${first.cpu.toFixed(0)})`,
      `${panel.checkpoint(0, steps).length} scores of a checkpoint to all statistics: ${summary(running)}; ` +
        `of the ${CHECKPOINTS} right after the restart: ${summary(restarted)}`,
      `heap ${mebibytes(folded)} after folding, ${mebibytes(whole)} with every statistic (scores themselves ${mebibytes(afterScores - before)})`,
    ].join(' · '),
  );
}

/** Reads every statistic that changed, as the pipeline does. */
function readChanged(auditor: Auditor): number {
  let entries = 0;
  for (const key of auditor.changed()) entries += auditor.statistics(key)!.checkpoints.length;
  return entries;
}

function summary(updates: readonly Time[]): string {
  const places = {
    best: 0,
    median: CHECKPOINTS >> 1,
    '95th percentile': Math.floor(0.95 * CHECKPOINTS),
    worst: CHECKPOINTS - 1,
  };
  const [wall, cpu] = [ordered(updates, 'wall'), ordered(updates, 'cpu')];
  return Object.entries(places)
    .map(([name, at]) => `${name} ${wall[at]} ms (${cpu[at]})`)
    .join(', ');
}

function rate(count: number, milliseconds: number): string {
  return ((count / milliseconds) * 1000).toFixed(0);
}

function ordered(times: readonly Time[], clock: keyof Time): string[] {
  return times
    .map((time) => time[clock])
    .sort((a, b) => a - b)
    .map((time) => time.toFixed(1));
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}

/** Wall-clock and processor time in milliseconds; the latter also on a machine that others use. */
function milliseconds(work: () => void): Time {
  const start = performance.now();
  const used = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(used);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}
