/** What compresses the batches that are sent; batches of any of them are read. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** PEM files; without any, the system's certificate authorities are trusted. */
export interface KafkaTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly keyPassphrase?: string;
  /** The name the broker's certificate is for, where it is not the broker's host. */
  readonly serverName?: string;
}

export interface KafkaSasl {
  readonly mechanism: (typeof SASL_MECHANISMS)[number];
  readonly username: string;
  readonly password?: string;
  /** File whose first line is the password. */
  readonly passwordFile?: string;
}

/** How to reach a Kafka cluster, and how to behave in it. */
export interface KafkaSettings {
  /** host:port of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | KafkaTls;
  readonly sasl?: KafkaSasl;
  readonly compression: Compression;
  /** Of topics that are created; the broker's default where absent. */
  readonly replicationFactor?: number;
  /** A member of a group that is silent for so long loses its partitions. */
  readonly sessionTimeoutMs: number;
}

/** How a topic of the cluster differs from what it should be, and what to do about it. */
export interface TopicFinding {
  readonly topic: string;
  /** `wrong`: records would be lost, so the log does not open. `note`: it works, and may be meant. */
  readonly severity: 'wrong' | 'note';
  readonly what: string;
  readonly fix: string;
}

/** What becomes known while a log runs. None of it ever contains a secret. */
export interface KafkaReports {
  /** Something an operator should know: a connection that was lost. */
  readonly warn?: (message: string) => void;
  /** A topic that was there already is not as it should be. */
  readonly topic?: (finding: TopicFinding) => void;
  /** What the client library says. */
  readonly debug?: (message: string) => void;
}
