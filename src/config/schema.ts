import { z } from 'zod';

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

const log = z.union([
  z.strictObject({ embedded: z.strictObject({ dir: z.string().min(1) }) }),
  z.strictObject({
    kafka: z.looseObject({ brokers: z.array(z.string().min(1)).min(1), clientId: z.string().default('discern') }),
  }),
]);

/** `discern.yaml` (contract §9). Every object is strict: a misspelt key is an error, not a silent default. */
export const configSchema = z.strictObject({
  log: log.default({ embedded: { dir: '.discern/log' } }),
  panels: z.record(z.string().min(1).max(200), panel).default({}),
  weights: z
    .strictObject({
      /** Folders that `file:` claim checks may point into. Absent: anywhere with the embedded log, nowhere with Kafka. */
      roots: z.array(z.string().min(1)).optional(),
      /** Largest checkpoint that is read, as float32. */
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
