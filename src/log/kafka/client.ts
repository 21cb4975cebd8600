import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';
import { installCodecs } from './compression.js';
import { readSecurity } from './security.js';
import type { KafkaReports, KafkaSettings } from './settings.js';

// The library shortens its delays under NODE_ENV=test, so every one is given.
const DELAYS = { initialRetryTime: 100, maxRetryTime: 5_000, factor: 0.2, multiplier: 2 };

/** Questions are asked again for about half a minute: a broker that restarts is back by then. */
export const ADMIN_RETRY = { ...DELAYS, retries: 8 };

/** Records are sent again for about three minutes, in which a cluster elects new leaders. */
export const PRODUCER_RETRY = { ...DELAYS, retries: 40 };

/** What a consumer cannot mend by itself makes it crash; then it is built anew. */
export const CONSUMER_RETRY = { ...DELAYS, retries: 5, restartOnFailure: () => Promise.resolve(false) };

/** A client of the library; connects only when it is used. */
export async function createClient(settings: KafkaSettings, reports: KafkaReports): Promise<Kafka> {
  installCodecs();
  return new kafkajs.Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ...(await readSecurity(settings)),
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    retry: ADMIN_RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => reports.debug?.(lineOf(entry)),
  });
}

/** The message alone: further fields may hold whole requests. */
function lineOf({ namespace, log }: LogEntry): string {
  return `kafkajs ${namespace}: ${log.message}`;
}
