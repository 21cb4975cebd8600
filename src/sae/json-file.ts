import { readFile, stat } from 'node:fs/promises';
import { DiscernError } from '../errors.js';

/** A configuration takes kilobytes; the training runner's, with all defaults, some tens of them. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a JSON object that belongs to a checkpoint.
 *
 * @throws DiscernError CHECKPOINT_INCOMPLETE when it is cut off, CHECKPOINT_CONFIG_INVALID when it is something else
 */
export async function readJsonObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!text.trimEnd().endsWith('}'))
      throw new DiscernError('CHECKPOINT_INCOMPLETE', `${path}: cut off after ${text.length} characters: ${reason}`, {
        cause: error,
      });
    throw new DiscernError('CHECKPOINT_CONFIG_INVALID', `${path}: not JSON: ${reason}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DiscernError('CHECKPOINT_CONFIG_INVALID', `${path}: expected an object, found ${JSON.stringify(value)}`);
  return value as Record<string, unknown>;
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_BYTES) return await readFile(path, 'utf8');
    throw new DiscernError('CHECKPOINT_CONFIG_INVALID', `${path}: ${size} bytes, at most ${MAX_BYTES} are read`);
  } catch (error) {
    if (error instanceof DiscernError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('CHECKPOINT_INCOMPLETE', `${path}: cannot be read: ${reason}`, { cause: error });
  }
}
