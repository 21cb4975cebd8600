import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import { decodeCheckpointRecord } from '../../../streams/codec.js';
import { CHECKPOINTS, TOPICS } from '../../../streams/topics.js';
import { discern } from './discern.js';
import { writeTinyPanel, type TinyPanel } from './tiny-panel.js';

let panel: TinyPanel;
beforeAll(async () => {
  panel = await writeTinyPanel(2);
});

it('says that the runs have ended, after their checkpoints, with --finished', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'discern-publish-'));
  const { checkpoints } = panel;
  const { code } = await discern([
    'publish',
    ...checkpoints,
    '--panel',
    'tiny',
    '--finished',
    '--log-embedded-dir',
    dir,
  ]);
  expect(code).toBe(0);

  const records = await recordsOf(dir, checkpoints.length + 2);
  expect(records.map(({ type }) => type)).toEqual([...checkpoints.map(() => 'checkpoint'), 'finished', 'finished']);
  const lastStep = (run: string): number =>
    Math.max(...records.flatMap((record) => (record.type === 'checkpoint' && record.run === run ? [record.step] : [])));
  for (const record of records.slice(-2)) expect(record).toMatchObject({ panel: 'tiny', step: lastStep(record.run) });
  expect(new Set(records.slice(-2).map(({ run }) => run)).size).toBe(2);
});

async function recordsOf(dir: string, count: number) {
  const log = await openEmbeddedLog(dir);
  try {
    await log.ensureTopics(TOPICS);
    const deliveries = await firstValueFrom(
      log.read({ topic: CHECKPOINTS, maxInFlight: 64 }).pipe(take(count), toArray()),
    );
    return deliveries.map(({ record }) => decodeCheckpointRecord(record.value));
  } finally {
    await log.close();
  }
}
