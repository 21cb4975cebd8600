import { compile, instantiateShared } from '../../wasm/instantiate.js';
import { WASM } from '../wasm/screening-wasm.js';

/** What `wasm/screening.wat` exports; arguments are byte offsets, byte counts and numbers. */
export interface ScreeningKernels {
  largest(x: number, shares: number, bytes: number): number;
  quantise(x: number, bytes: number, rate: number, flip: number, whole: number, packed: number, sums: number): void;
  scan(
    products: number,
    bytes: number,
    shifts: number,
    norms: number,
    offsets: number,
    limits: number,
    error: number,
    slack: number,
    rate: number,
    limit: number,
    first: number,
    found: number,
  ): number;
  dots(x: number, bytes: number, list: number, count: number, out: number): void;
}

/** Places in the memory of an instance, in bytes. */
export type Places<Name extends string> = Readonly<Record<Name, number>>;

/** Of a cache line, and of what the kernels take at a time. */
const ALIGNMENT = 64;

/** Bytes that regions of these sizes take together. */
export function bytesOf(sizes: Readonly<Record<string, number>>): number {
  return Object.values(sizes).reduce((sum, bytes) => sum + aligned(bytes), 0);
}

/**
 * An instance of its own with memory for regions of so many bytes.
 *
 * @throws RangeError when there is not so much memory
 */
export function openScreeningKernels<Name extends string>(
  sizes: Places<Name>,
): { readonly kernels: ScreeningKernels; readonly buffer: SharedArrayBuffer; readonly at: Places<Name> } {
  module ??= compile(WASM);
  const { functions: kernels, memory: buffer } = instantiateShared<ScreeningKernels>(module, bytesOf(sizes));
  let next = 0;
  const places = Object.entries<number>(sizes).map(([name, bytes]) => {
    const place = next;
    next += aligned(bytes);
    return [name, place] as const;
  });
  return { kernels, buffer, at: Object.fromEntries(places) as Record<Name, number> };
}

let module: object | undefined;

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
