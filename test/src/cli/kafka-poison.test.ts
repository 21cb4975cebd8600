import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import kafkajs from 'kafkajs';
import { residentBytes } from '../../../bench/support/memory.js';
import { Outcome } from '../../../bench/support/outcome.js';
import { openKafkaLog } from '../../../src/log/kafka/kafka-log.js';
import { Mt19937 } from '../../../src/random/mt19937.js';
import { CHECKPOINTS, TOPICS } from '../../../streams/topics.js';
import { KAFKA_VERSIONS } from '../../kafka/jars.js';
import { bad, good, noise, sampleOf, type Poison } from '../../kafka/poison.js';
import { Supervised } from '../../kafka/supervised.js';
import { describeWithBroker } from '../../kafka/with-broker.js';
import { PANEL } from '../../kafka/workload.js';
import { settingsFor } from '../log/kafka/logs.js';
import { withServer } from '../weights/http-server.js';
import { trimTasks, writeTinyPanel, type TinyPanel } from './tiny-panel.js';

jest.setTimeout(600_000);

const SEED = 20261126;
const ROUNDS = 4;
const GOOD = 40;
const NOISE = 50;

/** No file of the evaluator may be larger, in blocks of 1024 bytes: its disk is full, as it were. */
const BLOCKS = 8192;
const TOO_LARGE_FOR_THE_DISK = new Uint8Array((BLOCKS + 1) * 1024);

/** Generous: what grows with the stream, be it by a record or a checkpoint a round, is far more after some rounds. */
const GROWTH = 2;

let panel: TinyPanel;
beforeAll(async () => {
  panel = await writeTinyPanel();
  await trimTasks(panel.bundle);
}, 600_000);
afterAll(() => rm(dirname(panel.bundle), { recursive: true, force: true }));

/** Records are known by their bytes: what is poison may stand under any key. */
function identityOf({ key, value }: { readonly key: string; readonly value: Uint8Array }): string {
  return `${key} ${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}

function shuffled<T>(items: readonly T[], random: Mt19937): T[] {
  return items
    .map((item) => [random.uint32(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** Runs of records one into the other, each in its order. */
function interleaved(runs: readonly (readonly Poison[])[], random: Mt19937): Poison[] {
  const turns = shuffled(
    runs.flatMap((run) => run.map(() => run)),
    random,
  );
  const sent = new Map<readonly Poison[], number>();
  return turns.map((run) => {
    const next = sent.get(run) ?? 0;
    sent.set(run, next + 1);
    return run[next];
  });
}

function byKey(records: readonly Poison[]): Poison[][] {
  const runs = new Map<string, Poison[]>();
  for (const record of records) runs.set(record.key, [...(runs.get(record.key) ?? []), record]);
  return [...runs.values()];
}

describeWithBroker('discern serve over Kafka, with a poisoned stream', KAFKA_VERSIONS[0], (broker) => {
  it('scores every good checkpoint, tells of every bad record why, and neither ends nor grows', () =>
    withServer(
      (_, response) => response.end(TOO_LARGE_FOR_THE_DISK),
      async ({ host, url }) => {
        const random = new Mt19937(SEED);
        const kafka = new kafkajs.Kafka({ brokers: [broker().address], logLevel: kafkajs.logLevel.NOTHING });
        const admin = kafka.admin();
        await admin.connect();
        // Records have the time that their producer says, so that the test can let time pass.
        const configEntries = [{ name: 'message.timestamp.type', value: 'CreateTime' }];
        await admin.createTopics({ topics: [{ topic: CHECKPOINTS, numPartitions: 4, configEntries }] });
        await admin.disconnect();
        const log = await openKafkaLog(settingsFor(broker()));
        await log.ensureTopics(TOPICS);
        const common = ['serve', '--panel', `${PANEL}=${panel.bundle}`, '--metrics', 'core', '--http-port', '0'];
        const flags = ['--log-kafka-brokers', broker().address, '--weights-roots', panel.runs, '--weights-hosts', host];
        const limited = ['bash', '-c', `ulimit -f ${BLOCKS}; exec "$@"`, 'bash'];
        const evaluator = new Supervised([...common, ...flags, '--only', 'evaluate'], {}, limited);
        const auditor = new Supervised([...common, ...flags, '--only', 'audit']);
        const outcome = new Outcome(log);
        const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
        await producer.connect();
        const samples = await Promise.all(panel.checkpoints.map(sampleOf));
        const places = {
          root: join(panel.runs, 'poison'),
          unfetchable: { uri: `${url}/w`, content: TOO_LARGE_FOR_THE_DISK },
        };

        const scored: string[] = [];
        const expected = new Map<string, string | undefined>();
        const resident: number[] = [];
        let count = 0;
        try {
          for (let round = 0; round < ROUNDS; round++) {
            const goods = Array.from({ length: GOOD }, (_, i) => {
              const transport = i % 2 === 0 ? 'claim' : 'inline';
              return good(`round-${round}-good-${i}`, samples[i % samples.length], transport);
            });
            const bads = await bad(samples[round % samples.length], places, `round-${round}`);
            const noises = noise(samples[0], random, NOISE, `round-${round}`);
            const poisoned = [...byKey(bads.records), ...noises.map((record) => [record])];
            const records = interleaved([...goods, ...poisoned], random);
            count += records.length;
            for (const record of [...bads.records, ...noises].filter(
              ({ reason, key }) => reason !== undefined || key.includes('noise'),
            ))
              expected.set(identityOf(record), record.reason);
            scored.push(...goods.map(([{ key }]) => key), ...bads.scored);
            for (const { key, value, age = 0 } of records)
              await producer.send({
                topic: CHECKPOINTS,
                messages: [{ key, value: Buffer.from(value), timestamp: `${Date.now() - age}` }],
              });
            await outcome.until(() => outcome.deadLetters.length >= expected.size, 'every dead letter');
            await outcome.settled(log, scored.length);
            resident.push(residentBytes(evaluator.pid) ?? 0);
          }
          const told = outcome.deadLetters.map((letter) => [identityOf(letter), letter.reason] as const);
          expect(new Map(told).size).toBe(told.length);
          expect([...new Map(told).keys()].sort()).toEqual([...expected.keys()].sort());
          for (const [identity, reason] of told)
            expect([identity, reason]).toEqual([identity, expected.get(identity) ?? reason]);
          expect(outcome.identities).toEqual(scored.map((run) => `${run}/100`).sort());
          expect([evaluator.ends, auditor.ends]).toEqual([0, 0]);
          expect(resident[ROUNDS - 1]).toBeLessThanOrEqual(GROWTH * resident[0]);
          process.stderr.write(
            `${count} records, ${expected.size} of them dead letters: ${[...new Set(told.map(([, reason]) => reason))].sort().join(', ')}; ` +
              `resident after each round: ${resident.map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`).join(', ')}\n`,
          );
        } catch (error) {
          process.stderr.write(`${evaluator.said}\n----\n${auditor.said}\n`);
          throw error;
        } finally {
          outcome.stop();
          await producer.disconnect();
          await Promise.all([evaluator.stop(), auditor.stop()]);
          await log.close();
        }
      },
    ));
});
