import { GROUP_OUTPUTS, groupOf, outputOf, SEGMENT_OUTPUTS } from '../gpu/segments.js';
import type { Candidates } from '../backend.js';

/** Segments of one number of the segment flags. */
export const FLAGS_A_WORD = 24;

/** Chosen segments of some rows, in ascending order within a row. */
export interface ChosenSegments {
  readonly rows: number;
  /** [rows + 1] */
  readonly indptr: Uint32Array;
  readonly segments: Uint32Array;
}

/** @param words [rows, ⌈segments / 24⌉], as the segment flags kernel returns them */
export function chosenSegments(words: Float32Array, rows: number): ChosenSegments {
  const perRow = words.length / rows;
  const indptr = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    let chosen = 0;
    for (let i = row * perRow; i < (row + 1) * perRow; i++) chosen += bitCount(words[i]);
    indptr[row + 1] = indptr[row] + chosen;
  }
  const segments = new Uint32Array(indptr[rows]);
  let length = 0;
  for (let i = 0; i < words.length; i++) {
    const first = (i % perRow) * FLAGS_A_WORD;
    for (let word = words[i] | 0; word !== 0;) {
      const highest = 31 - Math.clz32(word);
      segments[length++] = first + FLAGS_A_WORD - 1 - highest;
      word &= ~(1 << highest);
    }
  }
  return { rows, indptr, segments };
}

/**
 * The order in which chosen segments are computed: by group, so that neighbouring threads read the same weights.
 */
export interface ComputeOrder {
  /** Row of each place, as a kernel takes it. */
  readonly rowOf: Float32Array;
  /** First output of each place's segment. */
  readonly firstOf: Float32Array;
  /** Where each chosen segment was put. */
  readonly placeOf: Uint32Array;
}

export function computeOrder({ rows, indptr, segments }: ChosenSegments, outputs: number): ComputeOrder {
  const next = groupStarts(segments, outputs / GROUP_OUTPUTS);
  const rowOf = new Float32Array(segments.length);
  const firstOf = new Float32Array(segments.length);
  const placeOf = new Uint32Array(segments.length);
  for (let row = 0; row < rows; row++)
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const place = next[groupOf(segments[i])]++;
      placeOf[i] = place;
      rowOf[place] = row;
      firstOf[place] = outputOf(segments[i], 0);
    }
  return { rowOf, firstOf, placeOf };
}

/**
 * Puts computed segments back in the order of rows and outputs, and keeps what exceeds its limit.
 *
 * @param values [places, 16]
 * @param limits of each output; of padding, one that nothing exceeds
 */
export function candidatesOf(
  { rows, indptr, segments }: ChosenSegments,
  { placeOf }: ComputeOrder,
  values: Float32Array,
  limits: Float32Array,
): Candidates {
  const found = new Uint32Array(rows + 1);
  const indices = new Uint32Array(values.length);
  const kept = new Float32Array(values.length);
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    let start = indptr[row];
    while (start < indptr[row + 1]) {
      const end = endOfGroup(segments, start, indptr[row + 1]);
      // The segments of a group interleave: their outputs ascend position by position.
      for (let position = 0; position < SEGMENT_OUTPUTS; position++)
        for (let i = start; i < end; i++) {
          const value = values[(placeOf[i] << 4) + position];
          const output = outputOf(segments[i], position);
          if (!(value > limits[output])) continue;
          indices[filled] = output;
          kept[filled++] = value;
        }
      start = end;
    }
    found[row + 1] = filled;
  }
  return { indptr: found, indices: indices.subarray(0, filled), values: kept.subarray(0, filled) };
}

/** Segments of a group lie side by side, and their outputs interleave. */
function endOfGroup(segments: Uint32Array, start: number, end: number): number {
  const group = groupOf(segments[start]);
  let i = start + 1;
  while (i < end && groupOf(segments[i]) === group) i++;
  return i;
}

function groupStarts(segments: Uint32Array, groups: number): Uint32Array {
  const starts = new Uint32Array(groups + 1);
  for (const segment of segments) starts[groupOf(segment) + 1]++;
  for (let group = 0; group < groups; group++) starts[group + 1] += starts[group];
  return starts;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word | 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}
