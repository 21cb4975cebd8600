import type { Matrix } from '../matrix.js';
import type { IntegerBlocks } from './integer-layer.js';
import { GROUP } from './layout.js';
import type { ScreeningMemory } from './memory.js';
import { OutputConstants, type Judged } from './output-constants.js';
import { quantise } from './quantise.js';

/** What is to be known of a layer's weights as whole numbers. */
export interface IntegerWeights {
  /** Columns of an integer row. */
  readonly depth: number;
  /** The input of each column behind the first `stride`. */
  readonly copies: Uint16Array;
  /** One step of an output's weights; 0 where whole numbers say nothing of it, [outputs] */
  readonly steps: Float64Array;
  /** The largest distance of an output's weights from whole numbers, in steps. */
  readonly error: number;
}

/** Elements of a cache line: so many of a row are written at a time. */
const LINE = 16;
/** Rows that are written side by side: what is read for them are pieces of rows of W that span few pages. */
const SIDE_BY_SIDE = 512;

/** Copies W [inputs, outputs] to a row an output, which a product with one of them reads in order. */
export function transposeWeights({ rows: inputs, cols: outputs, data }: Matrix, memory: ScreeningMemory): void {
  const { stride } = memory.shape;
  const turned = memory.floats(memory.at.weights, outputs * stride);
  for (let first = 0; first < outputs; first += SIDE_BY_SIDE) {
    const end = Math.min(first + SIDE_BY_SIDE, outputs);
    for (let start = 0; start < inputs; start += LINE) {
      const stop = Math.min(start + LINE, inputs);
      for (let j = first; j < end; j++)
        for (let i = start; i < stop; i++) turned[j * stride + i] = data[i * outputs + j];
    }
  }
}

/**
 * Rounds the weights of each output to whole numbers of up to 127 steps, and writes what `scan` reads of each output.
 *
 * @param columns how many columns each input gets, [inputs]
 */
export function quantiseWeights(
  layer: Judged,
  memory: ScreeningMemory,
  columns: Uint16Array,
): { readonly weights: IntegerWeights; readonly blocks: IntegerBlocks } {
  const { outputs, width, blocks: count, stride } = memory.shape;
  const copies = copiesOf(columns);
  const depth = stride + copies.length;
  const blocks = Array.from({ length: count }, () => new Int8Array(depth * width));
  const steps = new Float64Array(outputs);
  const constants = new OutputConstants(layer, memory);
  const group = new Int8Array(GROUP * depth);
  let error = 0;
  for (let first = 0; first < count * width; first += GROUP) {
    group.fill(0);
    for (let output = first; output < first + GROUP; output++) {
      const row = output < outputs ? quantise(memory, memory.weightsOf(output), memory.at.ones, 0) : undefined;
      if (output >= outputs) constants.fill(output);
      else if (row === undefined) constants.letThrough(output);
      else {
        const bytes = group.subarray((output - first) * depth, (output - first + 1) * depth);
        const judged = constants.write(output, row, row.sum + writeRow(bytes, memory, copies));
        steps[output] = judged ? row.step : 0;
        error = Math.max(error, row.error);
      }
    }
    turn(group, blocks[Math.floor(first / width)], depth, width, first % width);
  }
  return { weights: { depth, copies, steps, error }, blocks: { depth, width, blocks } };
}

function copiesOf(columns: Uint16Array): Uint16Array {
  const copies: number[] = [];
  columns.forEach((times, input) => {
    for (let copy = 1; copy < times; copy++) copies.push(input);
  });
  return Uint16Array.from(copies);
}

/** @returns the sum of the whole numbers in the columns of copies */
function writeRow(row: Int8Array, { packed, shape }: ScreeningMemory, copies: Uint16Array): number {
  row.set(packed);
  let sum = 0;
  for (let c = 0; c < copies.length; c++) {
    row[shape.stride + c] = row[copies[c]];
    sum += row[copies[c]];
  }
  return sum;
}

/** Writes rows of a group of outputs as columns of a block. */
function turn(group: Int8Array, block: Int8Array, depth: number, width: number, column: number): void {
  for (let d = 0; d < depth; d++) {
    const start = d * width + column;
    for (let j = 0; j < GROUP; j++) block[start + j] = group[j * depth + d];
  }
}
