import { z } from 'zod';

/** Record schemas of contract §2 and §3. Additions within a major version are optional fields. */

const name = z.string().min(1).max(200);
const count = z.number().int().nonnegative();
const binary = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected binary');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

const identity = { panel: name, run: name, variant: name, trainSeed: z.number().int(), step: count, tokens: count };

export const weightsByClaim = z.object({ uri: z.string().min(1), sha256, bytes: count });
export const weightsInline = z.object({ parts: z.number().int().positive(), bytes: count, sha256 });

export const checkpointSchema = z.object({
  v: z.literal(1),
  type: z.literal('checkpoint'),
  ...identity,
  format: name,
  config: z.record(z.string(), z.unknown()),
  /** Further small JSON files of the checkpoint by name, e.g. `activation_scaler.json`. */
  auxiliary: z.record(z.string(), z.unknown()).optional(),
  weights: z.union([weightsByClaim, weightsInline]),
  /** Digest of the bundle it is meant for. */
  bundle: z.string().optional(),
  /** ISO 8601 */
  publishedAt: z.string().min(1),
});

export const chunkSchema = z.object({
  v: z.literal(1),
  type: z.literal('chunk'),
  run: name,
  step: count,
  part: count,
  parts: z.number().int().positive(),
  data: binary,
});

export const finishedSchema = z.object({
  v: z.literal(1),
  type: z.literal('finished'),
  panel: name,
  run: name,
  step: count,
});

/** What travels on the checkpoints topic. */
export const checkpointRecordSchema = z.discriminatedUnion('type', [checkpointSchema, chunkSchema, finishedSchema]);

/** One score (contract §1). `task` null is the mean over tasks; `seed` null: the metric does not depend on it. */
export const scoreSchema = z.object({
  v: z.literal(1),
  type: z.literal('score'),
  ...identity,
  metric: name,
  param: z.string().max(200),
  task: z.string().nullable(),
  seed: z.number().int().nullable(),
  value: z.number(),
  /** Digest of the bundle it was measured on; absent for imported scores. */
  bundle: z.string().optional(),
  /** ISO 8601; decides between two values of one identity. */
  evaluatedAt: z.string().min(1),
});

/** Latest statistics and verdict of a (panel, metric, param); `statistics` has the keys of `discern audit`'s JSON. */
export const statisticsSchema = z.object({
  v: z.literal(1),
  type: z.literal('statistics'),
  panel: name,
  metric: name,
  param: z.string(),
  statistics: z.record(z.string(), z.unknown()),
});

export const deadLetterSchema = z.object({
  v: z.literal(1),
  type: z.literal('dead-letter'),
  topic: z.string(),
  partition: count,
  /** Decimal text: offsets are 64-bit. */
  offset: z.string(),
  key: z.string(),
  value: binary,
  reason: z.string(),
  error: z.string(),
  at: z.string(),
});

/** Any record of any topic; its `type` tells which. */
export const recordSchema = z.discriminatedUnion('type', [
  checkpointSchema,
  chunkSchema,
  finishedSchema,
  scoreSchema,
  statisticsSchema,
  deadLetterSchema,
]);

export type AnyRecord = z.infer<typeof recordSchema>;
export type CheckpointManifest = z.infer<typeof checkpointSchema>;
export type Chunk = z.infer<typeof chunkSchema>;
export type Finished = z.infer<typeof finishedSchema>;
export type CheckpointRecord = z.infer<typeof checkpointRecordSchema>;
export type ScoreRecord = z.infer<typeof scoreSchema>;
export type StatisticsRecord = z.infer<typeof statisticsSchema>;
export type DeadLetter = z.infer<typeof deadLetterSchema>;
