/** A key of the configuration that a flag or an environment variable can set. */
export interface Setting {
  /** Where it stands in `discern.yaml`. */
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'list';
  readonly description: string;
  /** Secrets come from the environment or the file, never from the command line. */
  readonly secret?: true;
}

export const SETTINGS: readonly Setting[] = [
  { path: ['log', 'embedded', 'dir'], kind: 'text', description: 'folder of the embedded log' },
  { path: ['log', 'kafka', 'brokers'], kind: 'list', description: 'Kafka brokers, host:port' },
  { path: ['weights', 'roots'], kind: 'list', description: 'folders that weights may be read from' },
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
