import { Input } from 'gpu.js';

/** Row-major numbers as gpu.js takes them. Its declarations know no typed arrays, its code prefers them. */
export function asMatrix(data: Float32Array, rows: number, cols: number): Input {
  return new Input(data as unknown as number[], [cols, rows]);
}

/**
 * What a kernel returned, as one flat array. gpu.js hands out nested arrays whose leaves are mostly views of one
 * buffer, in order; its cpu mode allocates each leaf.
 */
export function toFlat(output: unknown, length: number): Float32Array {
  const first = firstLeaf(output);
  if (first.byteOffset === 0 && first.buffer.byteLength === length * Float32Array.BYTES_PER_ELEMENT)
    return new Float32Array(first.buffer);
  const flat = new Float32Array(length);
  copyLeaves(output, flat, 0);
  return flat;
}

/**
 * Brings the linear kernel's output into rows: element (output, quad) of `quads` holds rows 4·quad … 4·quad + 3.
 *
 * @param y [≥ start + count, outputs]; rows start … start + count are written
 */
export function regroupQuads(
  quads: Float32Array,
  outputs: number,
  count: number,
  y: Float32Array,
  start: number,
): void {
  for (let row = 0; row < count; row++) {
    const from = (row >> 2) * outputs * 4 + (row & 3);
    const to = (start + row) * outputs;
    for (let output = 0; output < outputs; output++) y[to + output] = quads[from + output * 4]!;
  }
}

function firstLeaf(output: unknown): Float32Array {
  let leaf = output;
  while (Array.isArray(leaf)) leaf = leaf[0] as unknown;
  return asFloats(leaf);
}

function copyLeaves(output: unknown, flat: Float32Array, offset: number): number {
  if (Array.isArray(output))
    return output.reduce((position: number, part: unknown) => copyLeaves(part, flat, position), offset);
  const leaf = asFloats(output);
  flat.set(leaf, offset);
  return offset + leaf.length;
}

function asFloats(leaf: unknown): Float32Array {
  if (leaf instanceof Float32Array) return leaf;
  throw new TypeError(`a gpu.js kernel returned ${typeof leaf}, not Float32Array`);
}
