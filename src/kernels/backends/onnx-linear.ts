import { DiscernError } from '../../errors.js';
import { AlternatingOutput } from '../alternating-output.js';
import type { Linear } from '../backend.js';
import type { Matrix } from '../matrix.js';
import type { DenseShape } from '../screening/screened-linear.js';
import { tileRows, type TileBounds } from '../tile.js';
import { linearModel, transposedLinearModel } from './onnx-graph.js';
import { reasonOf, type OnnxSessions } from './onnx-sessions.js';

/** Tall enough that packing the weights is paid back, small enough for the last-level cache. */
const TILE: TileBounds = { elements: 1 << 19, minRows: 128, maxRows: 512 };
/** Weights that fit in no cache are packed from memory, which takes more rows to pay back. */
const LARGE_TILE: TileBounds = { ...TILE, minRows: 256 };
const LARGE = 1 << 26;

/** @param weight [inputs, outputs] */
export function onnxLinear(sessions: OnnxSessions, weight: Matrix, bias: Float32Array): Linear {
  const shape = { inputs: weight.rows, outputs: weight.cols, stride: weight.rows };
  return linearOf(sessions, { shape, weight: weight.data, dims: [weight.rows, weight.cols], bias, model: linearModel });
}

/** @param weight [outputs, stride], each row with zeros behind the inputs */
export function transposedOnnxLinear(
  sessions: OnnxSessions,
  weight: Float32Array,
  shape: DenseShape,
  bias: Float32Array,
): Linear {
  return linearOf(sessions, { shape, weight, dims: [shape.outputs, shape.stride], bias, model: transposedLinearModel });
}

interface Layer {
  readonly shape: DenseShape;
  readonly weight: Float32Array;
  readonly dims: readonly [number, number];
  readonly bias: Float32Array;
  readonly model: () => Uint8Array;
}

function linearOf(sessions: OnnxSessions, { shape, weight, dims, bias, model }: Layer): Linear {
  const { inputs, outputs, stride } = shape;
  const weights = {
    weight: sessions.tensor('float32', unshared(weight), dims),
    bias: sessions.tensor('float32', unshared(bias), [outputs]),
  };
  const memory = new AlternatingOutput();

  return {
    inputs,
    outputs,
    tileRows: tileRows(outputs, weight.length < LARGE ? TILE : LARGE_TILE),
    async apply(x, rows) {
      const result = memory.next(rows * outputs);
      const padded = unshared(stride === inputs ? x.subarray(0, rows * inputs) : pad(x, rows, inputs, stride));
      const feeds = { x: sessions.tensor('float32', padded, [rows, stride]), ...weights };
      try {
        const session = await sessions.of(model);
        await session.run(feeds, { y: sessions.tensor('float32', result, [rows, outputs]) });
      } catch (error) {
        throw new DiscernError(
          'BACKEND_FAILED',
          `onnxruntime: [${rows}, ${inputs}] · [${inputs}, ${outputs}]: ${reasonOf(error)}`,
          { cause: error },
        );
      }
      return result;
    },
    close: () => Promise.resolve(),
  };
}

function pad(x: Float32Array, rows: number, inputs: number, stride: number): Float32Array {
  const padded = new Float32Array(rows * stride);
  for (let r = 0; r < rows; r++) padded.set(x.subarray(r * inputs, (r + 1) * inputs), r * stride);
  return padded;
}

/** onnxruntime-node refuses shared memory, where checkpoints lie: such weights are held twice. */
function unshared(data: Float32Array): Float32Array {
  return data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
}
