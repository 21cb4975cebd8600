/**
 * A wide checkpoint from publishing to its scores over a broker: by claim check of a file, by claim check of a web address,
 * and inline. Time, and the peak memory of publisher and evaluator:
 *
 *     npm run build && node dist/bench/wide.js --brokers HOST:PORT [--d-in 2304] [--d-sae 65536]
 *
 * 2304×65536 is 1.2 GB; it needs twice as much disk below the folder of temporary files. The broker must have no topics
 * of Discern's. Each transport has an evaluator of its own.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openKafkaLog } from '../src/log/kafka/kafka-log.js';
import { TOPICS } from '../streams/topics.js';
import { DiscernProcess } from './support/discern.js';
import { Outcome } from './support/outcome.js';
import { writeRandomBundle, writeRandomCheckpoint } from './support/random-checkpoint.js';

const { values: options } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    'd-in': { type: 'string', default: '2304' },
    'd-sae': { type: 'string', default: '65536' },
  },
});
const shape = { dIn: Number(options['d-in']), dSae: Number(options['d-sae']) };
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const dir = await mkdtemp(join(tmpdir(), 'discern-bench-'));
const bundle = join(dir, 'bundle');
const checkpoint = join(dir, 'checkpoint');
await writeRandomBundle(bundle, { dIn: shape.dIn, rows: 512, labels: 1 });
const weights = await writeRandomCheckpoint(checkpoint, shape);
const { size } = await stat(weights);
const web = createServer((_, response) => {
  response.writeHead(200, { 'content-length': size });
  createReadStream(weights).pipe(response);
}).listen(0, '127.0.0.1');
await once(web, 'listening');
const host = `127.0.0.1:${(web.address() as AddressInfo).port}`;
const log = await openKafkaLog({
  brokers: options.brokers.split(','),
  clientId: 'bench',
  compression: 'none',
  sessionTimeoutMs: 30_000,
});
await log.ensureTopics(TOPICS);
const outcome = new Outcome(log);
try {
  console.log(`weights of ${shape.dIn}×${shape.dSae}: ${megabytes(size)}`);
  const transports = { file: [], http: ['--uri', `http://${host}/${basename(weights)}`], inline: ['--inline'] };
  for (const [run, flags] of Object.entries(transports)) await measure(run, flags);
} finally {
  outcome.stop();
  await log.close();
  web.closeAllConnections();
  web.close();
  await rm(dir, { recursive: true, force: true });
}

async function measure(run: string, flags: readonly string[]): Promise<void> {
  const kafka = ['--log-kafka-brokers', options.brokers];
  const allowed = ['--weights-roots', dir, '--weights-hosts', host];
  const metrics = ['--metrics', 'core,sae_probes', '--seeds', '42,123'];
  const serve = ['serve', '--only', 'evaluate', '--panel', `wide=${bundle}`, '--http-port', '0'];
  const evaluator = new DiscernProcess(...serve, ...metrics, ...allowed, ...kafka);
  const before = outcome.scored;
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const publisher = new DiscernProcess(
    ...['publish', checkpoint, '--panel', 'wide', '--run', run, '--step', '1'],
    ...[...flags, ...kafka],
  );
  await publisher.ended();
  const published = seconds();
  await outcome.until(() => outcome.scored > before || outcome.deadLetters.length > 0, 'scores', 1_800_000);
  if (outcome.deadLetters.length > 0) throw new Error(outcome.deadLetters[0].error);
  console.log(
    `${run}: published after ${published}, scored after ${seconds()}; peak memory of the publisher ` +
      `${megabytes(publisher.peakBytes)}, of the evaluator ${megabytes(evaluator.peakBytes)}`,
  );
  await evaluator.stop();
}
