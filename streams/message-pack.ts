import { C1, Packr } from 'msgpackr';
import { DiscernError } from '../src/errors.js';

// No record extension, so that any language reads what is written. Integers of 64 bits arrive as BigInt and are
// converted below: to numbers where those are exact.
// Maps take the fewest bytes, so that a record has one byte form in every language (docs/protocol.md).
const packr = new Packr({ useRecords: false, variableMapSize: true });

/** What fits 32 bits, unsigned or signed. Beyond, msgpackr writes numbers as floats and BigInts as integers. */
const INT32 = { min: -0x80000000, max: 0xffffffff };
const INT64 = { min: -(2n ** 63n), max: 2n ** 64n - 1n };

/**
 * MessagePack of a value made of standard types: null, booleans, numbers, BigInts of 64 bits, texts, binary, arrays
 * and plain objects. Integers beyond 32 bits become MessagePack integers, not floats; properties that are undefined
 * are left out; −0 becomes 0.
 *
 * @throws DiscernError RECORD_INVALID that names the property of another type
 */
export function packStandard(value: unknown): Uint8Array {
  return packr.pack(mapStandard(value, outgoing, []));
}

/**
 * The value of MessagePack bytes, as standard types. Binary is copied: it is aligned for typed arrays, and keeping it
 * does not keep the bytes it came in. Integers beyond ±(2^53 − 1) stay BigInts.
 *
 * @throws DiscernError RECORD_UNDECODABLE when the bytes are not MessagePack or use extension types
 */
export function unpackStandard(bytes: Uint8Array): unknown {
  try {
    return mapStandard(packr.unpack(bytes), incoming, []);
  } catch (error) {
    if (error instanceof DiscernError && error.code === 'RECORD_UNDECODABLE') throw error;
    // Whatever the bytes make msgpackr throw, they are not a record.
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('RECORD_UNDECODABLE', `${bytes.byteLength} bytes that are not MessagePack: ${reason}`, {
      cause: error,
      hint: 'Write records as one MessagePack map of standard types, without extensions.',
    });
  }
}

/** What becomes of the values that are not containers, on their way out or in. */
interface Conversion {
  integer(value: bigint, path: Path): unknown;
  number(value: number): unknown;
  binary(value: Uint8Array): Uint8Array;
  other(value: unknown, path: Path): never;
}

/** Where the conversion is: one list for a whole record, since a record may have ten thousands of values. */
type Path = (string | number)[];

const outgoing: Conversion = {
  integer(value, path) {
    if (value >= INT64.min && value <= INT64.max) return value;
    throw new DiscernError('RECORD_INVALID', `key \`${path.join('.')}\`: ${value} does not fit 64 bits`);
  },
  number: (value) => (Number.isSafeInteger(value) && (value < INT32.min || value > INT32.max) ? BigInt(value) : value),
  // Packing copies it.
  binary: (value) => value,
  other(value, path) {
    throw new DiscernError(
      'RECORD_INVALID',
      `key \`${path.join('.')}\`: ${kindOf(value)} has no standard MessagePack type`,
    );
  },
};

const incoming: Conversion = {
  integer(value) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  },
  number: (value) => value,
  binary: (value) => new Uint8Array(value),
  other(value, path) {
    const found =
      value === C1 ? 'the byte 0xc1, which MessagePack never uses' : `the extension type of ${kindOf(value)}`;
    throw new DiscernError('RECORD_UNDECODABLE', `at \`${path.join('.')}\`: ${found}`);
  },
};

function mapStandard(value: unknown, convert: Conversion, path: Path): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return convert.number(value);
    case 'bigint':
      return convert.integer(value, path);
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return convert.binary(value);
      if (Array.isArray(value)) return mapItems(value, convert, path);
      if (isPlainObject(value)) return mapEntries(value, convert, path);
      return convert.other(value, path);
    default:
      return convert.other(value, path);
  }
}

/** The path is only for what can be refused, which texts and numbers, nearly all of a record, cannot. */
function mapAt(key: string | number, value: unknown, convert: Conversion, path: Path): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return convert.number(value);
  path.push(key);
  const item = mapStandard(value, convert, path);
  path.pop();
  return item;
}

/** A copy only where an item changes: statistics have ten thousands of values, of which hardly any do. */
function mapItems(value: readonly unknown[], convert: Conversion, path: Path): readonly unknown[] {
  let mapped: unknown[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const item = mapAt(index, value[index], convert, path);
    if (item !== value[index]) (mapped ??= value.slice())[index] = item;
  }
  return mapped ?? value;
}

/** The same. */
function mapEntries(value: Readonly<Record<string, unknown>>, convert: Conversion, path: Path): object {
  const keys = Object.keys(value);
  let mapped: Record<string, unknown> | undefined;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const found = value[key];
    const item = found === undefined ? undefined : mapAt(key, found, convert, path);
    if (item !== found || found === undefined) mapped ??= firstEntries(value, keys, i);
    if (mapped !== undefined && item !== undefined) put(mapped, key, item);
  }
  return mapped ?? value;
}

function firstEntries(value: Readonly<Record<string, unknown>>, keys: readonly string[], count: number) {
  const copy: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) put(copy, keys[i], value[keys[i]]);
  return copy;
}

/** Assigning is several times as fast as `Object.fromEntries`, but would change the prototype under one name. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
}

/** An object literal, of whichever realm. */
function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value;
}
