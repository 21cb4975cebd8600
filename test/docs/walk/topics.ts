import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import type { Delivery } from '../../../src/log/log.js';
import { openKafkaLog } from '../../../src/log/kafka/kafka-log.js';
import { decodeCheckpointRecord, decodeScoreRecord } from '../../../streams/codec.js';
import type { CheckpointRecord, ScoreRecord } from '../../../streams/records.js';
import { CHECKPOINTS, EVALUATIONS, TOPICS } from '../../../streams/topics.js';
import { Broker } from '../../kafka/broker.js';
import { KAFKA_VERSIONS } from '../../kafka/jars.js';
import { settingsFor } from '../../src/log/kafka/logs.js';

let started: Promise<Broker> | undefined;

/** The broker of all documents, with Discern's topics, as `discern serve` makes them. */
export function theBroker(): Promise<Broker> {
  started ??= startBroker();
  return started;
}

export async function stopBroker(): Promise<void> {
  await (await started)?.stop();
}

async function startBroker(): Promise<Broker> {
  const broker = await Broker.start(KAFKA_VERSIONS[0], 'tls');
  const log = await openKafkaLog(settingsFor(broker));
  await log.ensureTopics(TOPICS);
  await log.close();
  return broker;
}

/** What is on the topic of checkpoints, in the order in which each run published. */
export async function checkpointRecords(broker: Broker): Promise<readonly CheckpointRecord[]> {
  return (await valuesOf(broker, CHECKPOINTS)).map(decodeCheckpointRecord);
}

export async function scoreRecords(broker: Broker): Promise<readonly ScoreRecord[]> {
  return (await valuesOf(broker, EVALUATIONS)).map(decodeScoreRecord);
}

async function valuesOf(broker: Broker, topic: string): Promise<readonly Uint8Array[]> {
  const log = await openKafkaLog(settingsFor(broker));
  try {
    await log.ensureTopics(TOPICS);
    const left = new Map([...(await log.end(topic))].filter(([, end]) => end > 0n));
    if (left.size === 0) return [];
    const isLast = ({ record: { partition, offset } }: Delivery): boolean => {
      if (offset + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
      return left.size === 0;
    };
    const all = log.read({ topic, maxInFlight: 100_000 }).pipe(
      takeWhile((delivery) => !isLast(delivery), true),
      toArray(),
    );
    return (await lastValueFrom(all)).map(({ record }) => record.value);
  } finally {
    await log.close();
  }
}
