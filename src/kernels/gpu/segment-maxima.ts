import { GROUP_OUTPUTS, GROUP_SEGMENTS, SEGMENT_OUTPUTS } from './segments.js';

/** Rows of a thread: as many numbers as a gpu.js kernel may return. */
export const MAXIMA_ROWS = 4;
/** Steps of the sum that the loop takes at once; for a short sum the source is not worth its compilation. */
const UNROLLED = 4;
const SHORT_SUM = 64;

/**
 * Source of the kernel that multiplies and keeps of each segment of outputs only the largest: dense outputs never
 * exist, not even on the GPU. A thread sums 4 rows × 16 outputs in registers, so that 20 loads serve 64
 * multiplications; written by hand that would be 400 lines. Sizes are literals, since gpu.js computes with integers
 * only where it sees them: as float32 they end at 2²⁴.
 *
 * Arguments: x [rows, inputs], weight [inputs, outputs], finish [3, outputs] with the rows bias, scale and limit.
 * Output [outputs / 16, rows / 4] of 4-vectors: max over the segment of (x·W + bias) · scale − limit, by row.
 *
 * @param outputs a multiple of 128
 */
export function segmentMaximaSource(inputs: number, outputs: number): string {
  const steps = inputs < SHORT_SUM ? 1 : UNROLLED;
  const whole = inputs - (inputs % steps);
  return [
    'function segmentMaxima(x, weight, finish) {',
    ...sums().map((sum) => `let ${sum} = 0.0;`),
    `for (let block = 0; block < ${whole / steps}; block++) {`,
    ...count(steps).flatMap((step) => loads(step, `((block * ${steps}) + ${step})`, inputs, outputs)),
    ...count(steps).flatMap(multiplications),
    '}',
    ...count(inputs - whole).flatMap((step) => [
      ...loads(step, `${whole + step}`, inputs, outputs),
      ...multiplications(step),
    ]),
    ...count(SEGMENT_OUTPUTS).flatMap((column) => finished(column, outputs)),
    `return [${count(MAXIMA_ROWS).map(maximum).join(', ')}];`,
    '}',
  ].join('\n');
}

function sums(): string[] {
  return count(MAXIMA_ROWS).flatMap((row) => count(SEGMENT_OUTPUTS).map((column) => `sum${row}of${column}`));
}

/** Reads input `at` of the thread's rows, and its weights. */
function loads(step: number, at: string, inputs: number, outputs: number): string[] {
  return [
    ...count(MAXIMA_ROWS).map(
      (row) => `const x${row}at${step} = x[((((this.thread.y * ${MAXIMA_ROWS}) + ${row}) * ${inputs}) + ${at})];`,
    ),
    ...count(SEGMENT_OUTPUTS).map(
      (column) => `const w${column}at${step} = weight[((${at} * ${outputs}) + ${output(column)})];`,
    ),
  ];
}

function multiplications(step: number): string[] {
  return count(MAXIMA_ROWS).flatMap((row) =>
    count(SEGMENT_OUTPUTS).map((column) => `sum${row}of${column} += x${row}at${step} * w${column}at${step};`),
  );
}

function finished(column: number, outputs: number): string[] {
  const at = (row: number): string => `finish[(${row * outputs} + ${output(column)})]`;
  return [
    `const bias${column} = ${at(0)};`,
    `const scale${column} = ${at(1)};`,
    `const limit${column} = ${at(2)};`,
    ...count(MAXIMA_ROWS).map((row) => {
      const sum = `sum${row}of${column}`;
      return `${sum} = ((${sum} + bias${column}) * scale${column}) - limit${column};`;
    }),
  ];
}

function maximum(row: number): string {
  return count(SEGMENT_OUTPUTS)
    .map((column) => `sum${row}of${column}`)
    .reduce((largest, sum) => `Math.max(${largest}, ${sum})`);
}

/** See `outputOf`. */
function output(position: number): string {
  const first = `(((this.thread.x >> 3) * ${GROUP_OUTPUTS}) + (this.thread.x & 7))`;
  return `(${first} + ${position * GROUP_SEGMENTS})`;
}

function count(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
