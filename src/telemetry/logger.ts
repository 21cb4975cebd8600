import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { DiscernError } from '../errors.js';

export type { Logger } from 'pino';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type Level = (typeof LEVELS)[number];

/** Never written, wherever in a logged object they stand. */
const SECRETS = ['token', 'password', 'secret', 'authorization', 'cookie', 'sasl'];
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

const STDERR = 2;

/**
 * The log of this process: on stderr, since results own stdout; for people on a terminal, JSON lines elsewhere.
 *
 * @param environment `DISCERN_LOG_LEVEL` picks the level, `info` unless set
 * @throws DiscernError CONFIG_INVALID for an unknown level
 */
export function createLogger(environment: Readonly<Record<string, string | undefined>> = process.env): Logger {
  const options = { level: levelOf(environment['DISCERN_LOG_LEVEL']), redact: REDACTED, base: null };
  // Synchronous, so that the last lines before a crash are not lost.
  const destination = process.stderr.isTTY
    ? pretty({ destination: STDERR, sync: true, colorize: true, translateTime: 'SYS:HH:MM:ss' })
    : pino.destination({ dest: STDERR, sync: true });
  return pino(options, destination);
}

function levelOf(text = 'info'): Level {
  const level = LEVELS.find((known) => known === text.toLowerCase());
  if (level === undefined)
    throw new DiscernError('CONFIG_INVALID', `DISCERN_LOG_LEVEL is '${text}'; allowed are ${LEVELS.join(', ')}`);
  return level;
}
