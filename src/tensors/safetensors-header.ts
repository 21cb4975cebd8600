import { z } from 'zod';
import { DiscernError } from '../errors.js';
import { DTYPE_BYTES, isDtype, type Dtype } from './dtype.js';
import { duplicateKey } from './duplicate-key.js';
import { elementCount } from './shared-tensor.js';
import type { TensorErrorCodes, TensorInfo } from './tensor-file.js';

/** A tensor of a safetensors file: its elements stand at `start` … `start + bytes` of the data that follow the header. */
export interface SafetensorsEntry extends TensorInfo {
  readonly start: number;
}

const size = z.int().nonnegative();
const entrySchema = z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) });
const metadataSchema = z.record(z.string(), z.string());

/**
 * Parses and checks the header of a safetensors file, by the rules of the format's own library: the tensors' ranges
 * follow each other without gap or overlap, each as long as its type and shape say.
 *
 * Source: https://github.com/huggingface/safetensors, format description.
 *
 * @param header the header's bytes, JSON in UTF-8
 * @returns entries in the order of their data
 * @throws DiscernError (code `invalid`)
 */
export function parseSafetensorsHeader(
  path: string,
  header: Uint8Array,
  codes: TensorErrorCodes,
): readonly SafetensorsEntry[] {
  const invalid = (message: string, cause?: unknown): DiscernError =>
    new DiscernError(codes.invalid, `${path}: ${message}`, { cause });
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(parseObject(header, invalid))) {
    if (name === '__metadata__') {
      if (!metadataSchema.safeParse(value).success) throw invalid('__metadata__ of the header is not a map of texts');
    } else entries.push(parseEntry(name, value, invalid));
  }
  entries.sort((a, b) => a.start - b.start || a.bytes - b.bytes);
  assertContiguous(entries, invalid);
  return entries;
}

type Invalid = (message: string, cause?: unknown) => DiscernError;

function parseObject(header: Uint8Array, invalid: Invalid): object {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`the header is not JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('the header is not a JSON object');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw invalid(`the header has the key ${JSON.stringify(twice)} twice`);
  return value;
}

function parseEntry(name: string, value: unknown, invalid: Invalid): SafetensorsEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`tensor ${name}: ${['header', ...issue.path].join('.')}: ${issue.message}`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  if (!isDtype(dtype))
    throw invalid(`tensor ${name}: unknown dtype ${dtype} (known: ${Object.keys(DTYPE_BYTES).join(', ')})`);
  const [start, end] = data_offsets;
  const bytes = sizeOf(dtype, shape);
  if (bytes === undefined || end - start !== bytes)
    throw invalid(
      `tensor ${name}: ${dtype} [${shape.join(', ')}] takes ${bytes ?? 'more than 2^53'} bytes, ` +
        `data_offsets [${start}, ${end}] give it ${end - start}`,
    );
  return { name, dtype, shape, start, bytes };
}

function sizeOf(dtype: Dtype, shape: readonly number[]): number | undefined {
  const bytes = elementCount(shape) * DTYPE_BYTES[dtype];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function assertContiguous(entries: readonly SafetensorsEntry[], invalid: Invalid): void {
  let expected = 0;
  for (const { name, start, bytes } of entries) {
    if (start !== expected)
      throw invalid(
        `tensor ${name}: data_offsets begin at ${start}, expected ${expected}: tensors must neither overlap nor leave gaps`,
      );
    expected = start + bytes;
  }
}
