import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstValueFrom, take, timer, toArray } from 'rxjs';
import { DiscernError } from '../../src/errors.js';
import { openEmbeddedLog } from '../../src/log/embedded.js';
import type { Log, NewRecord } from '../../src/log/log.js';
import { openSpool } from '../../src/log/spool.js';
import { auditScores, type ScoreAuditor } from '../../streams/audit.js';
import { decodeDeadLetter, decodeScoreRecord, decodeStatisticsRecord, encodeRecord } from '../../streams/codec.js';
import { evaluateCheckpoints, type EvaluateDeps } from '../../streams/evaluate.js';
import { checkpointKey, scoreKey, statisticsKey, type StatisticsIdentity } from '../../streams/keys.js';
import type { CheckpointRecord, ScoreRecord } from '../../streams/records.js';
import { runPipeline } from '../../streams/run.js';
import { CHECKPOINTS, DEAD_LETTERS, EVALUATIONS, STATISTICS, TOPICS } from '../../streams/topics.js';
import { inTemporaryFolder } from '../src/log/temporary.js';
import { manifest } from './samples.js';

/** Statistics that are the set of scores: what is lost or counted twice shows. */
class SetAuditor implements ScoreAuditor {
  private readonly values = new Map<string, Map<string, number>>();
  private touched = new Map<string, StatisticsIdentity>();

  add(score: ScoreRecord): undefined {
    const key = statisticsKey(score);
    const cells = this.values.get(key) ?? new Map<string, number>();
    this.values.set(key, cells.set(scoreKey(score), score.value));
    const { panel, metric, param } = score;
    this.touched.set(key, { panel, metric, param });
  }

  prepare(): Iterable<unknown> {
    return [];
  }

  changed(): StatisticsIdentity[] {
    const changed = [...this.touched.values()];
    this.touched = new Map();
    return changed;
  }

  statistics(identity: StatisticsIdentity): object {
    return Object.fromEntries([...this.values.get(statisticsKey(identity))!].sort());
  }

  retire(panel: string): void {
    for (const key of this.values.keys()) if (key.startsWith(`["${panel}",`)) this.values.delete(key);
  }
}

const RUNS = ['a', 'b', 'c'];
const CHUNK = 1000;

/** Nine checkpoints: their weights are a text that gives their score, half of them inline and interleaved. */
function published(): NewRecord[] {
  const record = (value: CheckpointRecord): NewRecord => ({
    topic: CHECKPOINTS,
    key: checkpointKey(value.run),
    value: encodeRecord(value),
  });
  const perRun = RUNS.map((run, at) =>
    [100, 200, 300].flatMap((step) => {
      const weights = Buffer.from(`${at + step} `.padEnd(5000, '-'));
      const sha256 = createHash('sha256').update(weights).digest('hex');
      const bytes = weights.length;
      if (run === 'a') return [record(manifest({ run, step, weights: { uri: `text:${at + step}`, sha256, bytes } }))];
      const parts = bytes / CHUNK;
      const chunk = (part: number): CheckpointRecord => {
        const data = Uint8Array.from(weights.subarray(part * CHUNK, (part + 1) * CHUNK));
        return { v: 1, type: 'chunk', run, step, part, parts, data };
      };
      const head = manifest({ run, step, weights: { parts, bytes, sha256 } });
      return [record(head), ...Array.from({ length: parts }, (_, part) => record(chunk(part)))];
    }),
  );
  const longest = Math.max(...perRun.map((records) => records.length));
  return Array.from({ length: longest }, (_, i) => perRun.flatMap((records) => records.slice(i, i + 1))).flat();
}

async function valuesOf(log: Log, topic: string, count: number): Promise<Uint8Array[]> {
  const all = log.read({ topic, maxInFlight: 1000 }).pipe(take(count), toArray());
  return (await firstValueFrom(all)).map(({ record }) => record.value);
}

interface Service {
  readonly evaluated: string[];
  stop(): Promise<void>;
}

/** Both pipelines over the log of a folder. */
async function startService(dir: string, log: Log): Promise<Service> {
  const evaluated: string[] = [];
  const spool = await openSpool(join(dir, 'spool'));
  const evaluate: EvaluateDeps['evaluate'] = async ({ manifest: { run, step, weights }, spooledWeights }) => {
    await firstValueFrom(timer(3));
    if (run === 'c' && step === 200) throw new DiscernError('CHECKPOINT_NOT_FINITE', 'NaN in W_enc');
    const text = 'uri' in weights ? weights.uri.slice('text:'.length) : await readFile(spooledWeights!, 'utf8');
    evaluated.push(`${run}/${step}`);
    const value = Number.parseInt(text, 10);
    return { scores: [{ metric: 'm', param: '', task: null, seed: 42, value }], bundle: 'digest' };
  };
  const now = (): string => '2026-01-01T00:00:00Z';
  const subscription = { topic: CHECKPOINTS, group: 'evaluate', maxInFlight: 3 };
  const evaluating = runPipeline(log, subscription, (deliveries$) =>
    evaluateCheckpoints(deliveries$, { evaluate, now, concurrency: 2, spool }),
  );
  const end = await log.end(EVALUATIONS);
  const auditing = runPipeline(log, { topic: EVALUATIONS, maxInFlight: 8 }, (deliveries$) =>
    auditScores(deliveries$, { auditor: new SetAuditor(), end, now, intervalMs: 5 }),
  );
  return {
    evaluated,
    async stop() {
      await evaluating.stop();
      await auditing.stop();
      await spool.close();
    },
  };
}

async function finalStatistics(log: Log): Promise<unknown> {
  for (;;) {
    const end = await log.end(STATISTICS);
    if (end.size > 0) {
      const [value] = await valuesOf(log, STATISTICS, 1);
      const { statistics } = decodeStatisticsRecord(value);
      if (Object.keys(statistics).length === 8) return statistics;
    }
    await firstValueFrom(timer(10));
  }
}

const EXPECTED = Object.fromEntries(
  RUNS.flatMap((run, at) =>
    [100, 200, 300]
      .filter((step) => !(run === 'c' && step === 200))
      .map((step) => [scoreKey({ panel: 'p', run, step, metric: 'm', param: '', task: null, seed: 42 }), at + step]),
  ),
);

describe('the dataflow over the embedded log', () => {
  it('turns checkpoints, by claim check and inline, into statistics, and what is bad into dead letters', () =>
    inTemporaryFolder(async (dir) => {
      const log = await openEmbeddedLog(join(dir, 'log'));
      await log.ensureTopics(TOPICS);
      const service = await startService(dir, log);
      for (const record of published()) await log.store({ records: [record], done: [] });
      await log.store({ records: [{ topic: CHECKPOINTS, key: 'x', value: Uint8Array.from([0xc1]) }], done: [] });
      expect(await finalStatistics(log)).toEqual(EXPECTED);
      const letters = (await valuesOf(log, DEAD_LETTERS, 2)).map((value) => decodeDeadLetter(value).reason);
      expect(letters.sort()).toEqual(['checkpoint_not_finite', 'record_undecodable']);
      while ((await log.lag('evaluate'))[0].records > 0n) await firstValueFrom(timer(5));
      await service.stop();
      await log.close();
    }));

  it('gives the same statistics, and evaluates nothing again that was acknowledged, when it is stopped and started', () =>
    inTemporaryFolder(async (dir) => {
      const log = await openEmbeddedLog(join(dir, 'log'));
      await log.ensureTopics(TOPICS);
      await log.store({ records: published(), done: [] });
      const acknowledged = new Set<string>();
      const again: string[] = [];
      for (let round = 0; round < 6; round++) {
        const service = await startService(dir, log);
        await firstValueFrom(timer(8 + 10 * round));
        await service.stop();
        again.push(...service.evaluated.filter((checkpoint) => acknowledged.has(checkpoint)));
        const count = Number((await log.end(EVALUATIONS)).get(0) ?? 0n);
        // Scores have distinct keys, so nothing is compacted away and every offset is there.
        const scores = await valuesOf(log, EVALUATIONS, Math.min(count, 8));
        for (const value of scores) acknowledged.add(nameOf(value));
      }
      const last = await startService(dir, log);
      expect(await finalStatistics(log)).toEqual(EXPECTED);
      expect(again).toEqual([]);
      await last.stop();
      await log.close();
    }));
});

function nameOf(value: Uint8Array): string {
  const { run, step } = decodeScoreRecord(value);
  return `${run}/${step}`;
}
