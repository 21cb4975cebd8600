import { describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { DiscernError } from '../../src/errors.js';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.js';
import type { Log, NewRecord } from '../../src/log/log.js';
import { readSae } from '../../src/sae/readers.js';
import type { WeightsClaim } from '../../src/weights/source.js';
import { assembleCheckpoints } from '../../streams/assemble.js';
import { decodeScoreRecord, encodeRecord } from '../../streams/codec.js';
import { deadLetter } from '../../streams/dead-letter.js';
import { scoreKey, statisticsKey } from '../../streams/keys.js';
import { CHECKPOINTS, DEAD_LETTERS, EVALUATIONS, STATISTICS, TOPICS } from '../../streams/topics.js';
import type { Broker } from '../kafka/broker.js';
import { KAFKA_VERSIONS } from '../kafka/jars.js';
import { python, startPython, whyNoPython } from '../kafka/python.js';
import { describeWithBroker } from '../kafka/with-broker.js';
import { bytes, Consumer } from '../src/log/consumer.js';
import { settingsFor } from '../src/log/kafka/logs.js';
import { redeeming } from '../src/weights/claims.js';
import { MemorySpool } from './memory-spool.js';
import { manifest, score } from './samples.js';

jest.setTimeout(300_000);

const missing = await whyNoPython();
if (missing !== undefined) {
  const message = `Tests with records of Python are skipped: ${missing}.`;
  if (process.env['DISCERN_REQUIRE_ALL'] === '1') throw new Error(message);
  process.stderr.write(`${message}\n`);
}

const NOW = '2026-01-01T00:00:00Z';

interface Line {
  readonly key: string;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly record: Readonly<Record<string, unknown>>;
}

/** The file of a claim in a folder that may be read. */
async function redeemed(claim: WeightsClaim, root: string): Promise<string> {
  const { path } = await redeeming(({ redeem }) => redeem(claim, { roots: [root] }));
  return path;
}

function suite(log: () => Promise<Log>, address: () => string): void {
  it('of Python are assembled and decoded here, from the partitions where ours of the same key are', async () => {
    const kafka = await log();
    const share = await mkdtemp(join(tmpdir(), 'discern-share-'));
    await python('produce', address(), share);
    await kafka.store({ records: ['claimed', 'inline'].map((run) => checkpoint(run)), done: [] });

    const spool = new MemorySpool();
    const items = kafka
      .read({ topic: CHECKPOINTS, maxInFlight: 100 })
      .pipe(assembleCheckpoints({ spool, now: () => NOW }), take(9), toArray());
    const works = (await firstValueFrom(items)).flatMap((item) => (item.kind === 'work' ? [item.work] : []));
    const ofPython = works.filter(({ manifest: { step } }) => step === 100);
    expect(ofPython.map(({ manifest: { run } }) => run).sort()).toEqual(['claimed', 'inline']);
    for (const { manifest: head, spooledWeights } of ofPython) {
      const { format, config, weights: claim } = head;
      expect(head).toMatchObject({ trainSeed: 0, tokens: 2 ** 40, config: { k: 16, größe: null, rate: 0.1 } });
      const weights = 'uri' in claim ? await redeemed(claim, share) : join(share, 'inline');
      if (spooledWeights !== undefined) await writeFile(weights, Buffer.concat(spool.files.get(spooledWeights)!));
      const sae = await readSae({ format, config, auxiliary: {}, weights });
      expect(sae).toMatchObject({ dIn: 300, dSae: 1000, activation: { kind: 'topk', k: 16 } });
    }
    const partitions = new Map<string, Set<number>>();
    const all = new Consumer(kafka, { topic: CHECKPOINTS, maxInFlight: 100 });
    for (const { record } of await all.next(9))
      partitions.set(record.key, (partitions.get(record.key) ?? new Set()).add(record.partition));
    all.stop();
    expect([...partitions.values()].map(({ size }) => size)).toEqual([1, 1]);

    const scores = new Consumer(kafka, { topic: EVALUATIONS, maxInFlight: 1 });
    const [{ record }] = await scores.next(1);
    scores.stop();
    const decoded = decodeScoreRecord(record.value);
    expect(decoded).toMatchObject({ run: 'claimed', tokens: 2 ** 40, task: null, seed: 42, value: 0.1 + 0.2 });
    expect(record.key).toBe(scoreKey(decoded));
    await kafka.close();
    await rm(share, { recursive: true });
  });

  it('of ours are read by Python', async () => {
    const kafka = await log();
    const chunk = {
      v: 1,
      type: 'chunk',
      run: 'r',
      step: 100,
      part: 0,
      parts: 1,
      data: Uint8Array.of(0, 193, 255),
    } as const;
    const statistics = {
      v: 1,
      type: 'statistics',
      panel: 'p',
      metric: 'm',
      param: '',
      statistics: { noise: { df: 3 } },
    } as const;
    const letter = deadLetter(
      { topic: CHECKPOINTS, partition: 1, offset: 7n, key: 'r', value: bytes('raw'), headers: {}, timestamp: 0 },
      new DiscernError('RECORD_UNDECODABLE', 'not MessagePack: ü'),
      NOW,
    );
    const sent: Readonly<Record<string, NewRecord>> = {
      [STATISTICS]: { topic: STATISTICS, key: statisticsKey(statistics), value: encodeRecord(statistics) },
      [DEAD_LETTERS]: letter,
      [EVALUATIONS]: {
        topic: EVALUATIONS,
        key: scoreKey(score({ tokens: 2 ** 40 })),
        value: encodeRecord(score({ tokens: 2 ** 40 })),
      },
      [CHECKPOINTS]: { topic: CHECKPOINTS, key: 'r', value: encodeRecord(chunk) },
    };
    const before = new Map<string, number>();
    for (const topic of Object.keys(sent))
      before.set(topic, Number([...(await kafka.end(topic)).values()].reduce((sum, end) => sum + end, 0n)));
    await kafka.store({ records: Object.values(sent), done: [] });
    const readBack = async (topic: string): Promise<Line> => {
      const lines = (await python('consume', address(), topic, `${before.get(topic)! + 1}`)).trim().split('\n');
      const found = lines
        .map((line) => JSON.parse(line) as Line)
        .find(({ key, record }) => key === sent[topic].key && record['run'] !== 'claimed');
      return found!;
    };
    expect((await readBack(STATISTICS)).record).toEqual(statistics);
    expect((await readBack(EVALUATIONS)).record).toEqual(score({ tokens: 2 ** 40 }));
    expect((await readBack(CHECKPOINTS)).record).toEqual({ ...chunk, data: { hex: '00c1ff' } });
    const dead = await readBack(DEAD_LETTERS);
    expect(dead.record).toMatchObject({ reason: 'record_undecodable', offset: '7', value: { hex: '726177' } });
    expect(dead.headers).toEqual(letter.headers);
    await kafka.close();
  });
}

function outage(log: () => Promise<Log>, broker: () => Broker): void {
  it('that Python publishes while the broker is away arrive when it is back, and nothing waits for them', async () => {
    const kafka = await log();
    const child = await startPython('survive', broker().address);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`Python ended: ${errors}`);
      return JSON.parse(line.value);
    };
    expect(await next()).toEqual({ published: 1, queued: 0, dropped: 0, failed: 0 });
    await broker().kill();
    child.stdin.write('\n');
    expect(await next()).toMatchObject({ published: 1, queued: 3, dropped: 0, failed: 0 });
    child.stdin.write('\n');
    await broker().run();
    expect(await next()).toEqual({ published: 5, queued: 0, dropped: 0, failed: 0 });

    const items = kafka.read({ topic: CHECKPOINTS, maxInFlight: 100 }).pipe(
      assembleCheckpoints({ spool: new MemorySpool(), now: () => NOW }),
      filter((item) => item.kind === 'work' && item.work.manifest.run === 'survivor'),
      take(5),
      toArray(),
    );
    const steps = (await firstValueFrom(items)).map((item) => item.kind === 'work' && item.work.manifest.step);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
    await kafka.close();
  });
}

function checkpoint(run: string): NewRecord {
  return { topic: CHECKPOINTS, key: run, value: encodeRecord(manifest({ run, step: 200 })) };
}

(missing === undefined ? describe : describe.skip)('records', () => {
  describeWithBroker('on a real broker', KAFKA_VERSIONS[1], (broker) => {
    const open = async (): Promise<Log> => {
      const log = await openKafkaLog(settingsFor(broker()));
      await log.ensureTopics(TOPICS);
      return log;
    };
    suite(open, () => broker().address);
    outage(open, broker);
  });
});
