/**
 * Throughput of inline weights through Kafka: published, read, assembled and checked, as a ratio to the bare client
 * library with messages of the same size; then the memory of a long stream of small checkpoints:
 *
 *     npm run build && node dist/bench/kafka.js --brokers 127.0.0.1:9092 [--megabytes 180] [--stream 1000]
 *
 * Both are timed in turn and the best times compared. Topics of its own are made and removed.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { concatMap, from } from 'rxjs';
import { chunksOf, CHUNK_BYTES } from '../src/attach/manifest.js';
import { openKafkaLog } from '../src/log/kafka/kafka-log.js';
import type { Log, TopicSettings } from '../src/log/log.js';
import { openSpool } from '../src/log/spool.js';
import { sha256Of } from '../src/weights/file.js';
import { assembleCheckpoints } from '../streams/assemble.js';
import { encodeRecord } from '../streams/codec.js';
import { checkpointKey } from '../streams/keys.js';
import type { CheckpointManifest, CheckpointRecord } from '../streams/records.js';
import { runPipeline } from '../streams/run.js';

const { values: options } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    megabytes: { type: 'string', default: '180' },
    stream: { type: 'string', default: '1000' },
  },
});
const BROKERS = options.brokers.split(',');
const ROUNDS = 5;
const MEGABYTE = 1e6;

const dir = await mkdtemp(join(tmpdir(), 'discern-bench-'));
const topics: string[] = [];
try {
  const total = Number(options.megabytes) * MEGABYTE;
  const bare: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareLibrary(Math.ceil(total / CHUNK_BYTES)));
    whole.push((await checkpoints(10, total / 10)).seconds);
  }
  const rate = (seconds: number): string => `${(total / MEGABYTE / seconds).toFixed(0)} MB/s`;
  const [library, discern] = [Math.min(...bare), Math.min(...whole)];
  console.log(`bare kafkajs, messages of ${CHUNK_BYTES} bytes: ${rate(library)}`);
  console.log(`publish → assembled checkpoint: ${rate(discern)}, ratio ${(library / discern).toFixed(2)}`);
  const count = Number(options.stream);
  const { seconds, heap } = await checkpoints(count, MEGABYTE);
  console.log(`${count} checkpoints of 1 MB: ${(count / seconds).toFixed(1)}/s`);
  console.log(`memory in MB (heap, buffers, resident) along the way: ${heap.join('; ')}`);
} finally {
  const admin = new kafkajs.Kafka({ brokers: BROKERS }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  await rm(dir, { recursive: true, force: true });
}

/** Seconds to send messages one after the other and to receive them all. */
async function bareLibrary(count: number): Promise<number> {
  const { name } = newTopic();
  const kafka = new kafkajs.Kafka({ brokers: BROKERS, logLevel: kafkajs.logLevel.ERROR });
  const createPartitioner = kafkajs.Partitioners.DefaultPartitioner;
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner });
  const consumer = kafka.consumer({ groupId: randomUUID(), maxBytesPerPartition: 4 << 20, maxWaitTimeInMs: 100 });
  const log = await openLog(name);
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: name, fromBeginning: true });
  let received = 0;
  let finish = (): void => undefined;
  const all = new Promise<void>((resolve) => (finish = resolve));
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.run({
    eachBatch: ({ batch }) => {
      received += batch.messages.length;
      if (received === count) finish();
      return Promise.resolve();
    },
  });
  await joined;
  const value = randomBytes(CHUNK_BYTES);
  const start = performance.now();
  for (let i = 0; i < count; i++) await producer.send({ topic: name, acks: -1, messages: [{ key: 'run', value }] });
  await all;
  const seconds = (performance.now() - start) / 1000;
  await Promise.all([producer.disconnect(), consumer.disconnect(), log.close()]);
  return seconds;
}

/** Seconds from the first manifest published to the last checkpoint assembled, and memory along the way. */
async function checkpoints(count: number, bytes: number): Promise<{ seconds: number; heap: string[] }> {
  const { name } = newTopic();
  const log = await openLog(name);
  const spool = await openSpool(join(dir, 'spool'));
  const file = join(dir, 'weights');
  await writeFile(file, randomBytes(bytes));
  const sha256 = await sha256Of(file);
  const heap: string[] = [];
  let assembled = 0;
  let finish = (): void => undefined;
  const all = new Promise<void>((resolve) => (finish = resolve));
  const deps = { spool, now: () => new Date().toISOString() };
  const pipeline = runPipeline(log, { topic: name, group: randomUUID(), maxInFlight: 10 }, (deliveries$) =>
    deliveries$.pipe(
      assembleCheckpoints(deps),
      concatMap((item) => {
        if (item.kind === 'emission') return from([item.emission]);
        const { receipts, discard } = item.work;
        assembled++;
        if (assembled % Math.ceil(count / 10) === 0) heap.push(memory());
        if (assembled === count) finish();
        return from((discard?.() ?? Promise.resolve()).then(() => ({ records: [], done: receipts })));
      }),
    ),
  );
  const start = performance.now();
  for (let step = 0; step < count; step++) await publish(log, name, file, manifestOf(step, bytes, sha256));
  await all;
  const seconds = (performance.now() - start) / 1000;
  await pipeline.stop();
  await log.close();
  await spool.close();
  return { seconds, heap };
}

async function publish(log: Log, topic: string, file: string, manifest: CheckpointManifest): Promise<void> {
  const record = (value: CheckpointRecord) => ({ topic, key: checkpointKey(manifest.run), value: encodeRecord(value) });
  await log.store({ records: [record(manifest)], done: [] });
  const parts = 'parts' in manifest.weights ? manifest.weights.parts : 0;
  for await (const chunk of chunksOf(manifest, file, parts)) await log.store({ records: [record(chunk)], done: [] });
}

function manifestOf(step: number, bytes: number, sha256: string): CheckpointManifest {
  return {
    ...{ v: 1, type: 'checkpoint', panel: 'bench', run: 'run', variant: 'run', trainSeed: 0, step, tokens: step },
    ...{ format: 'sae_lens', config: {}, publishedAt: new Date().toISOString() },
    weights: { parts: Math.ceil(bytes / CHUNK_BYTES), bytes, sha256 },
  };
}

function newTopic(): TopicSettings {
  const name = `bench-${randomUUID()}`;
  topics.push(name);
  return { name, partitions: 1, cleanup: 'delete', maxRecordBytes: 1 << 20 };
}

async function openLog(name: string): Promise<Log> {
  const settings = { brokers: BROKERS, clientId: 'bench', compression: 'none', sessionTimeoutMs: 30_000 } as const;
  const log = await openKafkaLog(settings);
  await log.ensureTopics([{ name, partitions: 1, cleanup: 'delete', maxRecordBytes: 1 << 20 }]);
  return log;
}

function memory(): string {
  const { heapUsed, external, rss } = process.memoryUsage();
  return [heapUsed, external, rss].map((bytes) => (bytes / MEGABYTE).toFixed(0)).join(', ');
}
