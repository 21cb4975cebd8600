import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { DiscernError } from '../errors.js';

/**
 * The lines of a file of scores; `-` is standard input.
 *
 * @throws DiscernError SCORES_INVALID when it cannot be read
 */
export async function readLines(file: string): Promise<string[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) lines.push(line);
  } catch (error) {
    throw new DiscernError('SCORES_INVALID', `${file}: cannot be read`, { cause: error });
  }
  return lines;
}
