/** A key of the configuration that a flag or an environment variable can set. */
export interface Setting {
  /** Where it stands in `discern.yaml`. */
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'list' | 'switch';
  readonly description: string;
  /** Secrets come from the environment or the file, never from the command line. */
  readonly secret?: true;
}

export const SETTINGS: readonly Setting[] = [
  { path: ['log', 'embedded', 'dir'], kind: 'text', description: 'folder of the embedded log' },
  { path: ['log', 'kafka', 'brokers'], kind: 'list', description: 'Kafka brokers, host:port' },
  { path: ['log', 'kafka', 'clientId'], kind: 'text', description: 'name of this client in the Kafka cluster' },
  { path: ['log', 'kafka', 'ssl'], kind: 'switch', description: 'true: TLS to the brokers' },
  { path: ['log', 'kafka', 'ssl', 'caFile'], kind: 'text', description: "PEM file of the brokers' authority" },
  { path: ['log', 'kafka', 'ssl', 'certFile'], kind: 'text', description: "PEM file of this client's certificate" },
  { path: ['log', 'kafka', 'ssl', 'keyFile'], kind: 'text', description: "PEM file of this client's key" },
  { path: ['log', 'kafka', 'ssl', 'keyPassphrase'], kind: 'text', description: 'passphrase of the key', secret: true },
  { path: ['log', 'kafka', 'ssl', 'serverName'], kind: 'text', description: "name in the brokers' certificate" },
  { path: ['log', 'kafka', 'sasl', 'mechanism'], kind: 'text', description: 'plain, scram-sha-256 or scram-sha-512' },
  { path: ['log', 'kafka', 'sasl', 'username'], kind: 'text', description: 'SASL user' },
  { path: ['log', 'kafka', 'sasl', 'password'], kind: 'text', description: 'SASL password', secret: true },
  { path: ['log', 'kafka', 'sasl', 'passwordFile'], kind: 'text', description: 'file with the SASL password' },
  { path: ['log', 'kafka', 'compression'], kind: 'text', description: 'none, gzip, snappy, lz4 or zstd' },
  { path: ['log', 'kafka', 'replicationFactor'], kind: 'number', description: 'replicas of topics that are created' },
  { path: ['log', 'kafka', 'sessionTimeoutMs'], kind: 'number', description: 'silence after which partitions move' },
  { path: ['weights', 'roots'], kind: 'list', description: 'folders that weights may be read from' },
  { path: ['weights', 'hosts'], kind: 'list', description: 'hosts that weights may be fetched from' },
  { path: ['weights', 'buckets'], kind: 'list', description: 'S3 buckets that weights may be fetched from' },
  { path: ['weights', 's3', 'endpoint'], kind: 'text', description: "URL of a store that is not Amazon's" },
  { path: ['weights', 's3', 'region'], kind: 'text', description: 'S3 region' },
  { path: ['weights', 's3', 'pathStyle'], kind: 'switch', description: 'true: the bucket is in the path' },
  { path: ['weights', 'spoolBytes'], kind: 'number', description: 'disk for inline weights on their way, in bytes' },
  { path: ['weights', 'timeoutMs'], kind: 'number', description: 'how long fetching weights may take' },
  { path: ['weights', 'maxBytes'], kind: 'number', description: 'largest checkpoint, in bytes of float32' },
  { path: ['http', 'host'], kind: 'text', description: 'address to listen on' },
  { path: ['http', 'port'], kind: 'number', description: 'port of the live page and /metrics' },
  { path: ['http', 'token'], kind: 'text', description: 'bearer token', secret: true },
  { path: ['evaluate', 'backend'], kind: 'text', description: 'auto, webgpu, onnxruntime, webasm or cpu' },
  { path: ['evaluate', 'concurrency'], kind: 'number', description: 'checkpoints in work at a time' },
  { path: ['evaluate', 'threads'], kind: 'number', description: 'worker threads that score' },
  { path: ['evaluate', 'cache', 'dir'], kind: 'text', description: 'folder where trained probes are kept' },
  { path: ['evaluate', 'cache', 'maxBytes'], kind: 'number', description: 'bytes of trained probes that are kept' },
];

const kebab = (word: string): string => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `http.port` → `--http-port` */
export function flagOf(setting: Setting): string {
  return `--${setting.path.map(kebab).join('-')}`;
}

/** `http.port` → `DISCERN_HTTP_PORT` */
export function variableOf(setting: Setting): string {
  return `DISCERN_${setting.path.map((part) => kebab(part).replaceAll('-', '_').toUpperCase()).join('_')}`;
}
