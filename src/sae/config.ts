import type { z } from 'zod';
import { DiscernError } from '../errors.js';
import type { CheckpointSource } from './checkpoint.js';

/**
 * A checkpoint's own configuration, checked.
 *
 * @throws DiscernError CHECKPOINT_CONFIG_INVALID, naming the keys and what they hold
 */
export function parseConfig<T>(source: CheckpointSource, schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => {
    const key = issue.path.map(String).join('.');
    return `${key === '' ? 'the file' : key}: ${issue.message}`;
  });
  throw configError(source, `${file}: ${issues.join('; ')}`);
}

export function configError(source: CheckpointSource, message: string, hint?: string): DiscernError {
  return new DiscernError(
    'CHECKPOINT_CONFIG_INVALID',
    `${source.format} checkpoint ${source.weights}: ${message}`,
    hint === undefined ? {} : { hint },
  );
}
