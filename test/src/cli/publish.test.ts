import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { Outcome } from '../../../bench/support/outcome.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import { openCheckpoint } from '../../../src/sae/readers.js';
import { decodeCheckpointRecord } from '../../../streams/codec.js';
import { CHECKPOINTS, TOPICS } from '../../../streams/topics.js';
import { Supervised } from '../../kafka/supervised.js';
import { withServer } from '../weights/http-server.js';
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

it('says where the weights are with --uri, and the evaluator fetches them there', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'discern-publish-'));
  const [checkpoint] = panel.checkpoints;
  const weights = await readFile((await openCheckpoint(checkpoint)).weights);
  const asked: string[] = [];
  await withServer(
    ({ url = '' }, response) => {
      asked.push(url);
      response.end(weights);
    },
    async ({ host, url }) => {
      const log = ['--log-embedded-dir', dir];
      const publishing = await discern(['publish', checkpoint, '--panel', 'tiny', '--uri', `${url}/w`, ...log]);
      expect(publishing.code).toBe(0);
      const serve = ['serve', '--panel', `tiny=${panel.bundle}`, '--metrics', 'core', '--http-port', '0'];
      const service = new Supervised([...serve, '--weights-hosts', host, ...log]);
      const reading = await openEmbeddedLog(dir);
      await reading.ensureTopics(TOPICS);
      const outcome = new Outcome(reading);
      try {
        await outcome.settled(reading, 1);
        expect(outcome.deadLetters).toEqual([]);
        expect([service.ends, asked]).toEqual([0, ['/w']]);
      } finally {
        outcome.stop();
        await service.stop();
        await reading.close();
      }
    },
  );
});

it.each([
  [['--uri', 's3://saes/w', '--inline'], 'one checkpoint'],
  [['--uri', 's3://saes/w', 'another'], 'one checkpoint'],
])('refuses %j', async (more, message) => {
  const { code, stderr } = await discern(['publish', panel.checkpoints[0], '--panel', 'tiny', ...more]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
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
