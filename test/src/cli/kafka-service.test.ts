import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { difference } from '../../../bench/support/difference.js';
import { Outcome, TOLERANCE } from '../../../bench/support/outcome.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import { openKafkaLog } from '../../../src/log/kafka/kafka-log.js';
import { Mt19937 } from '../../../src/random/mt19937.js';
import { TOPICS } from '../../../streams/topics.js';
import type { Broker } from '../../kafka/broker.js';
import { KAFKA_VERSIONS } from '../../kafka/jars.js';
import { Supervised } from '../../kafka/supervised.js';
import { describeWithBroker } from '../../kafka/with-broker.js';
import { checkpointsOf, PANEL, publish, type Checkpoint } from '../../kafka/workload.js';
import { settingsFor } from '../log/kafka/logs.js';
import { trimTasks, writeTinyPanel, type TinyPanel } from './tiny-panel.js';

jest.setTimeout(1_200_000);

const RUNS = 4;
const STEPS = 26;
const KILLS = 12;
const SEED = 20261125;

let panel: TinyPanel;
let checkpoints: Checkpoint[];
/** Statistics of an undisturbed run over the embedded log. */
let undisturbed: ReadonlyMap<string, unknown>;

const args = (...more: string[]): string[] => [
  ...['serve', '--panel', `${PANEL}=${panel.bundle}`, '--metrics', 'core,sae_probes', '--seeds', '42,123'],
  ...['--http-port', '0', '--weights-roots', panel.runs, '--evaluate-threads', '1', ...more],
];

const onBroker = (broker: Broker, ...more: string[]): string[] =>
  args('--log-kafka-brokers', broker.address, '--log-kafka-session-timeout-ms', '6000', ...more);

beforeAll(async () => {
  panel = await writeTinyPanel();
  await trimTasks(panel.bundle);
  checkpoints = checkpointsOf(panel, RUNS, STEPS);
  const dir = await mkdtemp(join(tmpdir(), 'discern-embedded-'));
  const log = await openEmbeddedLog(dir);
  await log.ensureTopics(TOPICS);
  for (const checkpoint of checkpoints) await publish(log, checkpoint);
  const service = new Supervised(args('--log-embedded-dir', dir));
  const outcome = new Outcome(log);
  undisturbed = await outcome.settled(log, checkpoints.length);
  expect([outcome.deadLetters, outcome.duplicates, service.ends]).toEqual([[], 0, 0]);
  outcome.stop();
  await service.stop();
  await log.close();
  await rm(dir, { recursive: true, force: true });
}, 1_200_000);

afterAll(() => rm(dirname(panel.bundle), { recursive: true, force: true }));

describeWithBroker('discern serve over Kafka, in several processes', KAFKA_VERSIONS[0], (broker) => {
  it('gives the statistics of the embedded log with two evaluators and an auditor', async () => {
    const log = await openKafkaLog(settingsFor(broker()));
    await log.ensureTopics(TOPICS);
    const services = ['evaluate', 'evaluate', 'audit'].map(
      (stage) => new Supervised(onBroker(broker(), '--only', stage)),
    );
    const outcome = new Outcome(log);
    try {
      for (const checkpoint of checkpoints) await publish(log, checkpoint);
      const statistics = await outcome.settled(log, checkpoints.length);
      expect(difference(undisturbed, statistics, TOLERANCE)).toBeUndefined();
      expect(outcome.deadLetters).toEqual([]);
      expect(services.map(({ ends }) => ends)).toEqual([0, 0, 0]);
    } finally {
      outcome.stop();
      expect(await Promise.all(services.map((service) => service.stop()))).toEqual([0, 0, 0]);
      await log.close();
    }
  });
});

describeWithBroker('discern serve over Kafka, when everything is killed', KAFKA_VERSIONS[1], (broker) => {
  it('scores every checkpoint and gives the same statistics', async () => {
    const random = new Mt19937(SEED);
    const below = (limit: number): number => random.uint32() % limit;
    const log = await openKafkaLog(settingsFor(broker()));
    await log.ensureTopics(TOPICS);
    const services = ['evaluate', 'evaluate', 'audit'].map(
      (stage) => new Supervised(onBroker(broker(), '--only', stage)),
    );
    const outcome = new Outcome(log);
    const publishing = (async () => {
      for (const checkpoint of checkpoints) await publish(log, checkpoint);
    })();
    const recoveries: string[] = [];
    try {
      await outcome.until(() => outcome.scored > 0, 'the first scores');
      for (let kill = 0; kill < KILLS; kill++) {
        const before = outcome.scored;
        await delay(below(500));
        // Everyone's turn comes, in an order and at moments that the seed decides.
        const victim = (kill + below(2)) % 4;
        const at = Date.now();
        if (victim < 3) await services[victim].kill();
        else {
          await broker().kill();
          await delay(below(1000));
          await broker().run();
        }
        const goal = Math.min(checkpoints.length, before + 1 + below(7));
        await outcome.until(() => outcome.scored >= goal, 'scores after a kill');
        recoveries.push(
          `${['evaluator', 'evaluator', 'auditor', 'broker'][victim]} ${Date.now() - at} ms to ${goal - before} more`,
        );
      }
      await publishing;
      const statistics = await outcome.settled(log, checkpoints.length);
      expect(difference(undisturbed, statistics, TOLERANCE)).toBeUndefined();
      expect(outcome.identities).toEqual(checkpoints.map(({ run, step }) => `${run}/${step}`).sort());
      expect(outcome.deadLetters).toEqual([]);
      process.stderr.write(
        `${checkpoints.length} checkpoints, ${KILLS} kills (${recoveries.join(', ')}): ${outcome.scores.size} scores, ` +
          `${outcome.duplicates} came again, ended by themselves: ${services.map(({ ends }) => ends).join(', ')}\n`,
      );
    } catch (error) {
      process.stderr.write(services.map(({ said }) => said).join('\n----\n'));
      throw error;
    } finally {
      outcome.stop();
      await Promise.all(services.map((service) => service.stop()));
      await log.close();
    }
  });
});
