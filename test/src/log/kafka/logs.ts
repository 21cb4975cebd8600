import { randomUUID } from 'node:crypto';
import { openKafkaLog } from '../../../../src/log/kafka/kafka-log.js';
import type { KafkaReports, KafkaSettings } from '../../../../src/log/kafka/settings.js';
import type { Log } from '../../../../src/log/log.js';
import type { Broker } from '../../../kafka/broker.js';

/** Settings for a test's broker. Short sessions: what a killed consumer had is free again soon. */
export function settingsFor(broker: Broker, more: Partial<KafkaSettings> = {}): KafkaSettings {
  return { brokers: [broker.address], clientId: 'test', compression: 'none', sessionTimeoutMs: 10_000, ...more };
}

/** Opens logs for a test, and closes them all afterwards. */
export async function withLogs(
  broker: Broker,
  test: (open: (more?: Partial<KafkaSettings>, reports?: KafkaReports) => Promise<Log>) => Promise<void>,
): Promise<void> {
  const logs: Log[] = [];
  try {
    await test(async (more = {}, reports = {}) => {
      const log = await openKafkaLog(settingsFor(broker, more), reports);
      logs.push(log);
      return log;
    });
  } finally {
    await Promise.all(logs.map((log) => log.close()));
  }
}

/** A name nobody else uses. */
export function unique(name: string): string {
  return `${name}-${randomUUID()}`;
}
