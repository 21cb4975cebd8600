import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';
import { installCodecs } from './compression.js';
import { readSecurity } from './security.js';
import type { KafkaReports, KafkaSettings } from './settings.js';

/**
 * The library's own retries, which last about three seconds. They are nested, and the outer ones stop when an inner one
 * does, so more of them would not outlast a longer outage: what has to, is tried again by this log, over new
 * connections. Every delay is given, since the library shortens its defaults under NODE_ENV=test.
 */
export const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };

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
    retry: RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => reports.debug?.(lineOf(entry)),
  });
}

/** The message alone: further fields may hold whole requests. */
function lineOf({ namespace, log }: LogEntry): string {
  return `kafkajs ${namespace}: ${log.message}`;
}
