import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Auditor } from '../../../src/lenses/auditor.js';
import { directionOf } from '../../../src/metrics/index.js';
import { Mt19937 } from '../../../src/random/mt19937.js';
import { decodeCheckpointRecord, decodeScoreRecord, decodeStatisticsRecord } from '../../../streams/codec.js';
import { statisticsKey } from '../../../streams/keys.js';
import { CHECKPOINTS, DEAD_LETTERS, EVALUATIONS, STATISTICS } from '../../../streams/topics.js';
import { writeTinyPanel, type TinyPanel } from '../cli/tiny-panel.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { Serving, type LogLine } from './serving.js';
import { recordsOf, withLog } from './topics.js';

/** Training a panel and evaluating it twice, with a process started for each kill. */
const MINUTES = 10 * 60_000;

const folder = temporaryFolders();
const serving: Serving[] = [];
let panel: TinyPanel;

beforeAll(async () => {
  panel = await writeTinyPanel(3, 3);
  // Probes take most of the time, and here a few are as good as many.
  const path = join(panel.bundle, 'bundle.json');
  const bundle = JSON.parse(await readFile(path, 'utf8')) as { tasks: { kind: string }[] };
  const tasks = bundle.tasks.filter(({ kind }) => kind === 'binary').slice(0, 2);
  await writeFile(path, JSON.stringify({ ...bundle, tasks }));
}, MINUTES);

afterEach(async () => {
  await Promise.all(serving.splice(0).map((process) => process.kill()));
});

function serve(log: string): Serving {
  const process = new Serving([
    ...['--panel', `tiny=${panel.bundle}`, '--watch', `tiny=${panel.runs}`],
    ...['--seeds', '42,123', '--log-embedded-dir', log],
  ]);
  serving.push(process);
  return process;
}

interface Checkpoint {
  readonly run: string;
  readonly step: number;
}

const nameOf = ({ run, step }: Checkpoint): string => `${run}@${step}`;
const named = (lines: readonly LogLine[]): string[] => lines.map((line) => nameOf(line as LogLine & Checkpoint));

/** Offsets of a log's scores, by checkpoint. An offset changes when a score is stored again. */
function storedScores(dir: string): Promise<Record<string, string[]>> {
  return withLog(dir, async (log) => {
    const stored: Record<string, string[]> = {};
    for (const { offset, value } of await recordsOf(log, EVALUATIONS))
      (stored[nameOf(decodeScoreRecord(value))] ??= []).push(`${offset}`);
    return stored;
  });
}

/** Only what JSON knows: a log has no `undefined`. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The statistics topic. */
function statistics(dir: string): Promise<unknown> {
  return withLog(dir, async (log) => {
    const records = (await recordsOf(log, STATISTICS)).map(({ value }) => decodeStatisticsRecord(value));
    return plain(Object.fromEntries(records.map((record) => [statisticsKey(record), record.statistics])));
  });
}

/** What the statistics topic must come to: a function of the scores that a log has. */
function statisticsOfScores(dir: string): Promise<unknown> {
  return withLog(dir, async (log) => {
    const auditor = new Auditor({ direction: directionOf });
    for (const { value } of await recordsOf(log, EVALUATIONS)) {
      const score = decodeScoreRecord(value);
      if (score.task === null) auditor.add(score);
    }
    return plain(Object.fromEntries(auditor.changed().map((key) => [statisticsKey(key), auditor.statistics(key)])));
  });
}

/** Reading a whole log takes time from the service that writes it. */
const POLL_MS = 500;

/** Waits until every checkpoint is evaluated and audited. */
async function finish(process: Serving, dir: string): Promise<void> {
  const scored = async (): Promise<boolean> => Object.keys(await storedScores(dir)).length === panel.checkpoints.length;
  await process.until('the last evaluation', scored, POLL_MS);
  const final = await statisticsOfScores(dir);
  await process.until('the last statistics', async () => isDeepStrictEqual(await statistics(dir), final), POLL_MS);
}

/** What the statistics and the checkpoints show on `/metrics`, without the times of a process and of records. */
function gauges(process: Serving): Promise<readonly string[]> {
  return process.metrics(
    /^discern_(run_step|score|score_stderr|reseed_\w+|detectable_difference|discriminability_\w+|resolved_\w+|trajectory_\w+)\{/,
  );
}

describe('a service that is killed again and again', () => {
  it(
    'comes to the same statistics, and evaluates nothing twice that was acknowledged',
    async () => {
      const [whole, killed] = [await folder(), await folder()];
      const uninterrupted = serve(whole);
      await finish(uninterrupted, whole);
      const scoresOfOne = Object.values(await storedScores(whole))[0].length;

      const random = new Mt19937(20_240_607);
      const upTo = (limit: number): number => random.uint32() % limit;
      let acknowledged: Record<string, string[]> = {};
      const left = (): number => panel.checkpoints.length - Object.keys(acknowledged).length;
      for (let kill = 0; left() > 0 && (kill < 5 || left() === panel.checkpoints.length); kill++) {
        const process = serve(killed);
        // Every other time while it starts, publishes or encodes; else around the storing of scores, which
        // follows the line at once.
        const evaluations = kill % 2 === 0 ? 0 : Math.min(1 + upTo(2), left());
        const evaluated = (): boolean => process.all('evaluated').length >= evaluations;
        if (evaluations > 0) await process.until(`${evaluations} evaluations`, evaluated);
        await new Promise((resolve) => setTimeout(resolve, upTo(evaluations === 0 ? 2500 : 30)));
        await process.kill();

        const stored = await storedScores(killed);
        // All the scores of a checkpoint, or none; and those that were there before as they were.
        expect(new Set(Object.values(stored).map((offsets) => offsets.length))).toEqual(
          new Set(Object.keys(stored).length === 0 ? [] : [scoresOfOne]),
        );
        expect(stored).toMatchObject(acknowledged);
        expect(named(process.all('evaluating')).filter((name) => name in acknowledged)).toEqual([]);
        acknowledged = stored;
      }

      const last = serve(killed);
      await finish(last, killed);
      expect(named(last.all('evaluating')).filter((name) => name in acknowledged)).toEqual([]);
      expect(await storedScores(killed)).toMatchObject(acknowledged);

      expect(await statistics(killed)).toEqual(await statistics(whole));
      const same = async (): Promise<boolean> => isDeepStrictEqual(await gauges(last), await gauges(uninterrupted));
      await last.until('the same gauges', same);
      expect((await gauges(last)).filter((line) => line.startsWith('discern_resolved_pairs_ratio{'))).not.toEqual([]);

      await withLog(killed, async (log) => {
        const published = (await recordsOf(log, CHECKPOINTS)).map(({ value }) => decodeCheckpointRecord(value));
        expect(new Set(published.map((record) => nameOf(record))).size).toBe(panel.checkpoints.length);
        expect(published).toHaveLength(panel.checkpoints.length);
        expect(await recordsOf(log, DEAD_LETTERS)).toEqual([]);
      });
      expect(await last.stop()).toBe(0);
    },
    MINUTES,
  );
});
