import { z } from 'zod';
import { auditSchema } from './audit.js';
import { COMPRESSIONS, SASL_MECHANISMS } from '../log/kafka/settings.js';
import { BUCKET_PATTERN, HOST_PATTERN } from '../weights/policy.js';

/** The seeds of the paper's reseed-noise lens. */
export const PAPER_SEEDS: readonly number[] = [42, 123, 456, 789, 2024];

const GIGABYTE = 1024 ** 3;

const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const panel = z.strictObject({
  /** Folder of the bundle every run of the panel is evaluated on. */
  bundle: z.string().min(1),
  /** Metric ids or families; `all` is everything that the bundle has tasks for. */
  metrics: z.array(z.string().min(1)).min(1).default(['all']),
  /** Evaluation seeds. */
  seeds: z
    .array(seed)
    .min(1)
    .default([...PAPER_SEEDS]),
});

const file = z.string().min(1);

const tls = z.strictObject({
  /** PEM files; without caFile the system's certificate authorities are trusted. */
  caFile: file.optional(),
  /** For brokers that ask clients for a certificate. */
  certFile: file.optional(),
  keyFile: file.optional(),
  keyPassphrase: z.string().min(1).optional(),
  /** The name the broker's certificate is for, where it is not the broker's host. */
  serverName: z.string().min(1).optional(),
});

const sasl = z.strictObject({
  mechanism: z.enum(SASL_MECHANISMS),
  username: z.string().min(1),
  password: z.string().min(1).optional(),
  /** File whose first line is the password. */
  passwordFile: file.optional(),
});

const kafka = z.strictObject({
  brokers: z.array(z.string().regex(/^\S+:\d{1,5}$/, 'expected host:port')).min(1),
  clientId: z.string().min(1).max(100).default('discern'),
  ssl: z.union([z.boolean(), tls]).optional(),
  sasl: sasl.optional(),
  /** Of what is sent; anything is read. */
  compression: z.enum(COMPRESSIONS).default('none'),
  /** Of topics that Discern creates; absent: the broker's default. */
  replicationFactor: z.number().int().min(1).max(32767).optional(),
  /** A process that is silent for so long loses its partitions to the others. */
  sessionTimeoutMs: z.number().int().min(6_000).max(1_800_000).default(30_000),
});

const embedded = z.strictObject({ dir: z.string().min(1) });

type LogConfig = { readonly embedded: z.infer<typeof embedded> } | { readonly kafka: z.infer<typeof kafka> };

/** One of the two. Not a union: of that, an error would not name the key that is wrong. */
const log = z
  .strictObject({ embedded: embedded.optional(), kafka: kafka.optional() })
  .transform(({ embedded, kafka }, context): LogConfig => {
    if (kafka !== undefined && embedded === undefined) return { kafka };
    if (embedded !== undefined && kafka === undefined) return { embedded };
    context.addIssue({ code: 'custom', message: 'expected either embedded or kafka' });
    return z.NEVER;
  });

/** `discern.yaml` (contract §9). Every object is strict: a misspelt key is an error, not a silent default. */
export const configSchema = z.strictObject({
  log: log.prefault({ embedded: { dir: '.discern/log' } }),
  panels: z.record(z.string().min(1).max(200), panel).default({}),
  weights: z
    .strictObject({
      /** Folders that `file:` claim checks may point into. Absent: anywhere with the embedded log, nowhere with Kafka. */
      roots: z.array(z.string().min(1)).optional(),
      /** Hosts that `http:` and `https:` claim checks may name. A host named here may have a private address. */
      hosts: z.array(z.string().regex(HOST_PATTERN, 'expected host, host:port or *.domain')).default([]),
      /** Buckets that `s3:` claim checks may name, whole or below a prefix. */
      buckets: z.array(z.string().regex(BUCKET_PATTERN, 'expected bucket or bucket/prefix')).default([]),
      s3: z
        .strictObject({
          /** Of a store that is not Amazon's, such as MinIO. */
          endpoint: z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' }).optional(),
          region: z.string().min(1).optional(),
          /** Whether the bucket stands in the path and not in the host; absent: where there is an endpoint. */
          pathStyle: z.boolean().optional(),
        })
        .prefault({}),
      /** Disk that inline weights may take while they are put together, in the folder of temporary files. */
      spoolBytes: z
        .number()
        .int()
        .positive()
        .default(16 * GIGABYTE),
      /** How long one attempt to fetch a file may take. */
      timeoutMs: z
        .number()
        .int()
        .min(1_000)
        .max(86_400_000)
        .default(30 * 60_000),
      /** Largest checkpoint that is read, as float32; also the largest file that is fetched. */
      maxBytes: z
        .number()
        .int()
        .positive()
        .default(16 * GIGABYTE),
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65535).default(9464),
      /** Bearer token that everything but the health checks asks for. */
      token: z.string().min(1).optional(),
    })
    .prefault({}),
  audit: auditSchema.prefault({}),
  evaluate: z
    .strictObject({
      backend: z.enum(['auto', 'webgpu', 'onnxruntime', 'webasm', 'cpu']).default('auto'),
      /** Checkpoints in work at a time: the next one is encoded while the last one is scored. */
      concurrency: z.number().int().min(1).max(64).default(2),
      /** Worker threads that score; absent: one a core. */
      threads: z.number().int().min(1).max(256).optional(),
      /** Probes on model activations, which do not depend on a checkpoint, are kept here. */
      cache: z
        .strictObject({
          dir: z.string().min(1).default('.discern/probes'),
          maxBytes: z.number().int().nonnegative().default(GIGABYTE),
        })
        .prefault({}),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;
export type PanelConfig = z.infer<typeof panel>;
