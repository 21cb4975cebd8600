/**
 * A panel of checkpoints through a real broker with two evaluators and one auditor, compared with one process on the
 * embedded log: every statistic, and every score.
 *
 *     npm run build && node dist/bench/kafka-panel.js --panel DIR --bundle DIR --brokers HOST:PORT
 *                      [--metrics core,sae_probes] [--seeds 42,123,…] [--inline]
 *
 * The broker must have no topics of Discern's. Exits with 1 when anything differs by more than 1e-12.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PAPER_SEEDS } from '../src/config/schema.js';
import { openEmbeddedLog } from '../src/log/embedded.js';
import { openKafkaLog } from '../src/log/kafka/kafka-log.js';
import type { Log } from '../src/log/log.js';
import { EVALUATIONS, TOPICS } from '../streams/topics.js';
import { difference } from './support/difference.js';
import { DiscernProcess } from './support/discern.js';
import { Outcome, TOLERANCE } from './support/outcome.js';

const { values: options } = parseArgs({
  options: {
    panel: { type: 'string' },
    bundle: { type: 'string' },
    brokers: { type: 'string' },
    metrics: { type: 'string', default: 'core,sae_probes' },
    seeds: { type: 'string', default: PAPER_SEEDS.join(',') },
    inline: { type: 'boolean', default: false },
  },
});
const { panel, bundle, brokers, metrics, seeds } = options;
if (panel === undefined || bundle === undefined || brokers === undefined) {
  console.error('use: node dist/bench/kafka-panel.js --panel DIR --bundle DIR --brokers HOST:PORT');
  process.exit(2);
}
const folders = await readdir(panel, { recursive: true });
const checkpoints = folders.filter((path) => /step-[^/]*$/.test(path)).length;
const evaluation = ['--panel', `panel=${bundle}`, '--metrics', metrics, '--seeds', seeds, '--weights-roots', panel];
const transport = options.inline ? ['--inline'] : [];

const dir = await mkdtemp(join(tmpdir(), 'discern-bench-'));
const serve = ['serve', ...evaluation, '--evaluate-cache-dir', join(dir, 'probes'), '--http-port', '0'];
try {
  const embedded = await openEmbeddedLog(join(dir, 'log'));
  await embedded.ensureTopics(TOPICS);
  const flags = ['--log-embedded-dir', join(dir, 'log')];
  const one = await measured('embedded log, one process', embedded, flags, [[]]);

  const kafka = await openKafkaLog({
    brokers: brokers.split(','),
    clientId: 'bench',
    compression: 'none',
    sessionTimeoutMs: 30_000,
  });
  await kafka.ensureTopics(TOPICS);
  if ((await kafka.end(EVALUATIONS)).size > 0)
    throw new Error(`${EVALUATIONS} has scores already: give an empty broker`);
  const stages = ['evaluate', 'evaluate', 'audit'].map((stage) => ['--only', stage]);
  const many = await measured('Kafka, two evaluators and an auditor', kafka, ['--log-kafka-brokers', brokers], stages);

  const statistics = difference(one.statistics, many.statistics, TOLERANCE);
  const scores = difference(one.scores, many.scores, TOLERANCE);
  console.log(`${one.statistics.size} statistics: ${statistics ?? `equal to ${TOLERANCE}`}`);
  console.log(`${one.scores.size} scores: ${scores ?? `equal to ${TOLERANCE}`}`);
  if (statistics !== undefined || scores !== undefined) process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}

interface Measured {
  readonly statistics: ReadonlyMap<string, unknown>;
  /** Values by identity. */
  readonly scores: ReadonlyMap<string, number>;
}

/** Publishes the panel, lets `discern serve` work on it in as many processes as there are lists of flags. */
async function measured(
  title: string,
  log: Log,
  on: readonly string[],
  processes: readonly string[][],
): Promise<Measured> {
  const outcome = new Outcome(log);
  const services = processes.map((more) => new DiscernProcess(...serve, ...on, ...more));
  try {
    const start = performance.now();
    await new DiscernProcess('watch', panel!, '--panel', 'panel', '--once', ...transport, ...on).ended();
    const statistics = await outcome.settled(log, checkpoints);
    const seconds = (performance.now() - start) / 1000;
    const peaks = services.map(({ peakBytes }) => (peakBytes / 1e6).toFixed(0));
    console.log(
      `${title}: ${outcome.scored} checkpoints, ${outcome.scores.size} scores, ${outcome.duplicates} of them again, ` +
        `${outcome.deadLetters.length} dead letters, ${seconds.toFixed(1)} s, peak memory ${peaks.join(', ')} MB`,
    );
    return { statistics, scores: new Map([...outcome.scores].map(([key, { value }]) => [key, value])) };
  } finally {
    outcome.stop();
    await Promise.all(services.map((service) => service.stop()));
    await log.close();
  }
}
