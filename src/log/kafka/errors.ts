import { DiscernError } from '../../errors.js';

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /SASL|authenticat/i,
    'Check log.kafka.sasl: mechanism, username, and the password of DISCERN_LOG_KAFKA_SASL_PASSWORD.',
  ],
  [
    /authoriz/i,
    'Give this user Read, Write, Create, Describe and DescribeConfigs on discern.* topics, and Read and Delete on its groups.',
  ],
  [/certificate|SSL|TLS|handshake/i, 'Check log.kafka.ssl: caFile must have signed the certificate of the broker.'],
  [
    /closed connection/i,
    'Is the broker still running? A listener that expects TLS closes connections without it: set log.kafka.ssl.',
  ],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|connection|timed? ?out|no broker/i,
    'Is the broker running, and can this machine reach it? log.kafka.brokers must name host:port of its listener.',
  ],
];

const OTHERWISE = '`discern doctor` says what can be reached.';

/** A LOG_UNAVAILABLE error about a Kafka cluster; a typed error among the causes stands for itself. */
export function kafkaUnavailable(brokers: readonly string[], what: string, error: unknown): DiscernError {
  const root = rootCause(error);
  if (root instanceof DiscernError) return root;
  const reason = root instanceof Error ? root.message : String(root);
  const name = root instanceof Error ? root.name : '';
  const hint = HINTS.find(([pattern]) => pattern.test(`${name} ${reason}`))?.[1] ?? OTHERWISE;
  return new DiscernError('LOG_UNAVAILABLE', `Kafka at ${brokers.join(',')} ${what}: ${reason}`, {
    cause: error,
    hint,
  });
}

/** Whether trying again can help: not when the cluster refuses this client, or a record cannot be read at all. */
export function isTransient(error: unknown): boolean {
  const root = rootCause(error);
  if (root instanceof DiscernError) return false;
  if (!(root instanceof Error)) return true;
  if (root.name === 'KafkaJSNotImplemented' || root.name === 'KafkaJSSASLAuthenticationError') return false;
  return !/_AUTHORIZATION_FAILED$|^UNSUPPORTED_|^INVALID_GROUP_ID$/.test(typeOf(root));
}

/** The protocol's name of an error, e.g. `OUT_OF_ORDER_SEQUENCE_NUMBER`. */
export function typeOf(error: unknown): string {
  const type: unknown = error instanceof Error ? Reflect.get(error, 'type') : undefined;
  return typeof type === 'string' ? type : '';
}

export function rootCause(error: unknown): unknown {
  let root = error;
  // The library wraps what happened in how often it was tried.
  while (root instanceof Error && root.cause instanceof Error && root.cause !== root && !(root instanceof DiscernError))
    root = root.cause;
  return root;
}
