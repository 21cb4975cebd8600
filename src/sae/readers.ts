import { readdir } from 'node:fs/promises';
import { DiscernError } from '../errors.js';
import type { CheckpointLimits, CheckpointSource } from './checkpoint.js';
import { dictionaryLearning } from './dictionary-learning.js';
import type { FormatReader } from './format-reader.js';
import { gemmaScope } from './gemma-scope.js';
import type { Sae } from './sae.js';
import { saeLens } from './sae-lens.js';
import { sparsify } from './sparsify.js';

/** Every format there is. Where two would take a folder, the earlier one does. */
export const READERS: readonly FormatReader[] = [sparsify, gemmaScope, dictionaryLearning, saeLens];

/** Enough for d_in 3,584 and 262,144 latents. */
export const DEFAULT_LIMITS: CheckpointLimits = { maxBytes: 8 * 2 ** 30 };

/**
 * Recognises the format of a checkpoint's folder and reads everything but the weights.
 *
 * @throws DiscernError CHECKPOINT_FORMAT_UNKNOWN when it is none; CHECKPOINT_INCOMPLETE when it is not completely
 * written; CHECKPOINT_CORRUPT or CHECKPOINT_CONFIG_INVALID when a file is broken
 */
export async function openCheckpoint(dir: string): Promise<CheckpointSource> {
  const files = await filesIn(dir);
  const reader = READERS.find((reader) => reader.detect(files));
  if (reader !== undefined) return reader.source(dir, files);
  const expected = READERS.map(({ id, files }) => `${files} (${id})`).join('; ');
  const found = files.size === 0 ? 'no files' : [...files].sort().slice(0, 10).join(', ');
  throw new DiscernError('CHECKPOINT_FORMAT_UNKNOWN', `${dir}: expected one of: ${expected}; found ${found}`);
}

/** What to do about a checkpoint of this format whose folder does not tell the training step. */
export function stepHintOf(format: string): string {
  const hint = READERS.find(({ id }) => id === format)?.stepHint;
  return (
    hint ?? 'Name it step-<n>-tokens-<n> or <n>, or publish it with `discern publish DIR --panel P --run R --step N`.'
  );
}

/**
 * Reads the weights of a checkpoint. They lie in shared memory: a worker can post the result without copying it.
 *
 * @throws DiscernError CHECKPOINT_FORMAT_UNKNOWN, CHECKPOINT_ARCHITECTURE_UNKNOWN, CHECKPOINT_CONFIG_INVALID,
 * CHECKPOINT_INCOMPLETE, CHECKPOINT_CORRUPT, CHECKPOINT_TENSOR_MISSING, CHECKPOINT_SHAPE_MISMATCH,
 * CHECKPOINT_NOT_FINITE, CHECKPOINT_TOO_LARGE
 */
export async function readSae(source: CheckpointSource, limits: CheckpointLimits = DEFAULT_LIMITS): Promise<Sae> {
  const reader = READERS.find(({ id }) => id === source.format);
  if (reader !== undefined) return reader.read(source, limits);
  throw new DiscernError(
    'CHECKPOINT_FORMAT_UNKNOWN',
    `${source.weights}: format ${source.format} is unknown (known: ${READERS.map(({ id }) => id).join(', ')})`,
  );
}

async function filesIn(dir: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(dir));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('CHECKPOINT_FORMAT_UNKNOWN', `${dir}: not a folder that can be read: ${reason}`, {
      cause: error,
    });
  }
}
