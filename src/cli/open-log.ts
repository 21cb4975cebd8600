import type { Config } from '../config/schema.js';
import { DiscernError } from '../errors.js';
import { openEmbeddedLog } from '../log/embedded.js';
import type { Log } from '../log/log.js';
import { TOPICS } from '../../streams/topics.js';

/** Opens the log the configuration names, with its topics. */
export async function openLog(config: Config): Promise<Log> {
  if (!('embedded' in config.log))
    throw new DiscernError('LOG_UNAVAILABLE', 'log.kafka: this version runs over the embedded log only', {
      hint: 'Set log.embedded.dir instead.',
    });
  const log = await openEmbeddedLog(config.log.embedded.dir);
  await log.ensureTopics(TOPICS);
  return log;
}
