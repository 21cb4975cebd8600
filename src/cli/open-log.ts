import type { Config } from '../config/schema.js';
import { openEmbeddedLog } from '../log/embedded.js';
import { openKafkaLog } from '../log/kafka/kafka-log.js';
import type { KafkaReports } from '../log/kafka/settings.js';
import type { Log } from '../log/log.js';
import { createLogger } from '../telemetry/logger.js';
import { TOPICS } from '../../streams/topics.js';

/**
 * Opens the log the configuration names, with its topics.
 *
 * @throws DiscernError LOG_UNAVAILABLE
 */
export async function openLog(config: Config, reports: KafkaReports = logged()): Promise<Log> {
  const log = await ('kafka' in config.log
    ? openKafkaLog(config.log.kafka, reports)
    : openEmbeddedLog(config.log.embedded.dir));
  try {
    await log.ensureTopics(TOPICS);
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

function logged(): KafkaReports {
  const logger = createLogger();
  return {
    warn: (message) => logger.warn(message),
    topic: ({ topic, what, fix }) => logger.warn({ topic, fix }, what),
    debug: (message) => logger.debug(message),
  };
}
