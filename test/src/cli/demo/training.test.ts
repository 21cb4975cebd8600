import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom, take, toArray } from 'rxjs';
import { trainAndPublish } from '../../../../src/cli/demo/training.js';
import { openEmbeddedLog } from '../../../../src/log/embedded.js';
import type { Log } from '../../../../src/log/log.js';
import type { PanelOptions } from '../../../../src/synthetic/panel-training.js';
import { decodeCheckpointRecord } from '../../../../streams/codec.js';
import { CHECKPOINTS, TOPICS } from '../../../../streams/topics.js';
import { SMALL_MODEL, SMALL_TRAINING } from '../../synthetic/small-model.js';

const roots: string[] = [];
afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'discern-demo-'));
  roots.push(root);
});

function options(): PanelOptions {
  return {
    panel: 'small',
    model: SMALL_MODEL,
    checkpoints: 3,
    root: join(root, 'checkpoints'),
    runs: [4, 8].map((steps) => ({
      run: `topk-k4-seed${steps}`,
      variant: 'topk-k4',
      trainSeed: steps,
      training: { ...SMALL_TRAINING, architecture: { kind: 'topk', k: 4 }, steps, decaySteps: 0 },
    })),
  };
}

/** Does something with the log as a process of its own would: opens it, and closes it at the end. */
async function withLog<T>(work: (log: Log) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog(join(root, 'log'));
  try {
    await log.ensureTopics(TOPICS);
    return await work(log);
  } finally {
    await log.close();
  }
}

function published(log: Log): Promise<string[]> {
  return log.end(CHECKPOINTS).then(async (ends) => {
    const records = [...ends.values()].reduce((sum, end) => sum + Number(end), 0);
    const deliveries = log.read({ topic: CHECKPOINTS, maxInFlight: 64 }).pipe(take(records), toArray());
    return (await lastValueFrom(deliveries)).map(({ record }) => {
      const { type, run, step } = decodeCheckpointRecord(record.value);
      return `${type} ${run} ${step}`;
    });
  });
}

const start = (log: Log): Promise<unknown> => lastValueFrom(trainAndPublish(log, options()).pipe(toArray()));

describe('trainAndPublish', () => {
  it('publishes every checkpoint and the end of every run', async () => {
    const records = await withLog(async (log) => {
      await start(log);
      return published(log);
    });
    expect(records.filter((record) => record.startsWith('checkpoint')).sort()).toEqual([
      'checkpoint topk-k4-seed4 1',
      'checkpoint topk-k4-seed4 2',
      'checkpoint topk-k4-seed4 4',
      'checkpoint topk-k4-seed8 1',
      'checkpoint topk-k4-seed8 3',
      'checkpoint topk-k4-seed8 8',
    ]);
    expect(records.filter((record) => record.startsWith('finished'))).toHaveLength(2);
  });

  it('publishes no checkpoint twice when it is started again, wherever it was stopped', async () => {
    // Two events: the first checkpoint of each run.
    await withLog((log) => lastValueFrom(trainAndPublish(log, options()).pipe(take(2))));
    await withLog(start);
    const records = await withLog(async (log) => {
      await start(log);
      return published(log);
    });
    const checkpoints = records.filter((record) => record.startsWith('checkpoint'));
    expect(new Set(checkpoints).size).toBe(6);
    expect(checkpoints).toHaveLength(6);
  });

  it('trains nothing when everything was published before', async () => {
    await withLog(start);
    const events = await withLog(start);
    expect(events).toEqual([]);
  });
});
