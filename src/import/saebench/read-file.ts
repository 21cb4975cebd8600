import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DiscernError } from '../../errors.js';
import { jsonPath } from './json-path.js';
import { parsePythonJson } from './python-json.js';
import type { SaeBenchResult } from './reader.js';
import { SAEBENCH_READERS, readerOf } from './readers.js';

/** Faults of one file that an error lists. */
const SHOWN = 5;

/**
 * Reads a result file: one result, or several by the name of their SAE.
 *
 * @returns undefined for JSON that is something else, where nothing says that it is a result
 * @throws DiscernError SCORES_INVALID with the file and the JSON path of each fault
 */
export async function readResults(path: string): Promise<readonly SaeBenchResult[] | undefined> {
  const content = parse(path, await text(path));
  if (isResult(content)) return [readResult(path, content, [])];
  const entries = isRecord(content) ? Object.entries(content) : [];
  if (entries.length > 0 && entries.every(([, value]) => isResult(value)))
    return entries.map(([name, value]) => readResult(path, value, [name]));
  return undefined;
}

/** @throws DiscernError SCORES_INVALID that says what makes a result */
export function refuseOther(path: string): never {
  throw fault(path, ['eval_type_id'], 'expected the type of an evaluation of SAEBench, found nothing');
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('SCORES_INVALID', `${path}: cannot be read: ${reason}`, { cause: error });
  }
}

function parse(path: string, content: string): unknown {
  try {
    return parsePythonJson(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fault(path, [], `not JSON: ${reason}`);
  }
}

function readResult(path: string, value: unknown, at: readonly string[]): SaeBenchResult {
  const { eval_type_id: type } = value as { readonly eval_type_id: unknown };
  const reader = typeof type === 'string' ? readerOf(type) : undefined;
  if (reader === undefined) {
    const known = SAEBENCH_READERS.map(({ types: [current] }) => current).join(', ');
    throw fault(path, [...at, 'eval_type_id'], `expected one of ${known}, found ${JSON.stringify(type)}`);
  }
  try {
    return reader.read(value);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw malformed(path, at, error);
  }
}

function malformed(path: string, at: readonly string[], { issues }: z.ZodError): DiscernError {
  const faults = issues.map((issue) => `${jsonPath([...at, ...issue.path])}: ${issue.message}`);
  const distinct = [...new Set(faults)];
  const more = distinct.length > SHOWN ? `; and ${distinct.length - SHOWN} more` : '';
  return new DiscernError('SCORES_INVALID', `${path}: ${distinct.slice(0, SHOWN).join('; ')}${more}`);
}

function fault(path: string, at: readonly string[], message: string): DiscernError {
  return new DiscernError('SCORES_INVALID', `${path}: ${jsonPath(at)}: ${message}`);
}

function isResult(value: unknown): boolean {
  return isRecord(value) && 'eval_type_id' in value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
