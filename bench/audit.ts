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
 * and as many after those. They come one by one, as evaluators send them: in between, V8 compiles and collects. A backlog
 * leaves it no time to, so as many are timed one right after the other. Times on a shared machine only ever grow, so the
 * best, the median and the 95th percentile are shown, with processor time in brackets (that of all threads: the compiler's
 * and the garbage collector's too).
 */
import { setTimeout } from 'node:timers/promises';
import { Auditor } from '../src/lenses/index.js';
import { scorePanel, type ScorePanel } from './support/score-panel.js';

const [runs = 50, steps = 30, metrics = 40, seeds = 5] = process.argv.slice(2).map(Number);
/** Every run reaches two steps: of 40 checkpoints the second worst would pass for the 95th percentile. */
const CHECKPOINTS = 2 * runs;
/** Milliseconds between two checkpoints: evaluating one takes longer. */
const PAUSE = 200;
const MEBIBYTE = 2 ** 20;

interface Time {
  readonly wall: number;
  readonly cpu: number;
}

for (const truth of ['absent', 'present'] as const) {
  const panel = scorePanel(truth, { runs, metrics, seeds });
  const { auditor, count, described } = fold(panel);
  const updates = await timeUpdates(panel, auditor);
  console.log(
    [
      `ground truth ${truth}: ${count} scores, ${auditor.keys().length} metric-params`,
      ...described,
      `${panel.checkpoint(0, steps).length} scores of a checkpoint to all statistics: ${summary(updates.running)}; ` +
        `of the ${CHECKPOINTS} right after the restart: ${summary(updates.restarted)}; ` +
        `of ${CHECKPOINTS} without a pause: ${summary(updates.backlog)}`,
    ].join(' · '),
  );
}

/** Nobody holds the scores afterwards: the garbage collector would look through them, too. */
function fold(panel: ScorePanel): {
  readonly auditor: Auditor;
  readonly count: number;
  readonly described: readonly string[];
} {
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
  const described = [
    `fold ${rate(scores.length, folding.wall)} scores/s (${rate(scores.length, folding.cpu)} by processor time)`,
    `all statistics from nothing ${first.wall.toFixed(0)} ms (${first.cpu.toFixed(0)})`,
    `heap ${mebibytes(folded)} after folding, ${mebibytes(whole)} with every statistic (scores themselves ${mebibytes(afterScores - before)})`,
  ];
  return { auditor, count: scores.length, described };
}

async function timeUpdates(
  panel: ScorePanel,
  auditor: Auditor,
): Promise<Record<'restarted' | 'running' | 'backlog', readonly Time[]>> {
  let reached = 0;
  const update = (): Time => {
    // The runs reach the next step one after the other.
    const checkpoint = panel.checkpoint(reached % runs, steps + Math.floor(reached / runs));
    reached += 1;
    return milliseconds(() => {
      for (const score of checkpoint) auditor.add(score);
      readChanged(auditor);
    });
  };
  const oneByOne = async (): Promise<readonly Time[]> => {
    const updates: Time[] = [];
    while (updates.length < CHECKPOINTS) {
      await setTimeout(PAUSE);
      updates.push(update());
    }
    return updates;
  };
  const restarted = await oneByOne();
  const running = await oneByOne();
  return { restarted, running, backlog: Array.from({ length: CHECKPOINTS }, update) };
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
