import { cp } from 'node:fs/promises';
import { expect } from '@jest/globals';
import type { Broker } from '../../kafka/broker.js';
import { runPython } from '../walk/python.js';
import { checkpointRecords, scoreRecords, theBroker } from '../walk/topics.js';
import type { Kind } from './kind.js';

interface Example {
  /** What tells it from the others. */
  readonly says: string;
  /** What has been published so far, in words. */
  published(broker: Broker): Promise<readonly string[]>;
  /** What it adds to that. */
  readonly adds: readonly string[];
}

const EXAMPLES: readonly Example[] = [
  {
    says: 'publish_training(runner,',
    published: (broker) => checkpointsOf(broker, 'batchtopk-k16-seed0'),
    adds: ['step 500', 'step 1000', 'step 1200', 'finished at 1200'],
  },
  {
    says: 'publisher.publish_checkpoint(sae,',
    published: (broker) => checkpointsOf(broker, 'topk-k32-seed0'),
    adds: ['step 500', 'step 1000', 'finished at 1000'],
  },
  {
    says: 'publish_scores(',
    published: async (broker) =>
      (await scoreRecords(broker)).map(({ metric, seed, value }) => `${metric} under seed ${seed}: ${value}`).sort(),
    adds: ['my_metric under seed 123: 0.69', 'my_metric under seed 42: 0.71'],
  },
  // A publisher that has been made is signed in and has found its topic.
  { says: '"security.protocol": "SASL_SSL"', published: () => Promise.resolve([]), adds: [] },
];

/** Python is run with this project's package, towards a broker; what it has published is read back. */
export const python: Kind = {
  tools: () => ['python3', 'pip3', 'java', 'mvn', 'openssl'],
  async check({ text }, walk) {
    const example = EXAMPLES.find(({ says }) => text.includes(says));
    if (example === undefined) throw new Error('test/docs/kinds/python.ts does not know what this publishes');
    const broker = await theBroker();
    await cp(broker.certificate!.cert, walk.at('ca.crt'));
    const before = await example.published(broker);
    const here = text.replaceAll('localhost:9092', broker.address).replaceAll('kafka-1:9093', broker.tlsAddress);
    await runPython(`from given import *\n\n${here}\n`, walk);
    expect((await example.published(broker)).slice(before.length)).toEqual(example.adds);
  },
};

/** The manifests and the end of a run, without the chunks of its weights. */
async function checkpointsOf(broker: Broker, wanted: string): Promise<readonly string[]> {
  return (await checkpointRecords(broker))
    .filter(({ run }) => run === wanted)
    .flatMap(({ type, step }) => {
      if (type === 'chunk') return [];
      return type === 'checkpoint' ? [`step ${step}`] : [`finished at ${step}`];
    });
}
