import { DiscernError } from '../../errors.js';
import type { Linear } from '../backend.js';
import { BufferPool, RecentBuffers } from '../buffer-pool.js';
import type { Matrix } from '../matrix.js';
import type { DenseShape } from '../screening/screened-linear.js';
import { tileRows, type TileBounds } from '../tile.js';
import { constantLinearModel, linearModel, transposedLinearModel } from './onnx-graph.js';
import { reasonOf, type OnnxLayer, type OnnxLayers } from './onnx-layers.js';
import type { TensorSpec, TensorSpecs } from './onnx-tensors.js';

/** Tall enough that packing the weights is paid back, small enough for the last-level cache. */
const TILE: TileBounds = { elements: 1 << 19, minRows: 128, maxRows: 512 };
/** Weights that fit in no cache are packed from memory in every run, which takes more rows to pay back. */
const LARGE_TILE: TileBounds = { ...TILE, minRows: 256 };
/** Weights from here on would be held once more when a session of their own packs them. */
const LARGE = 1 << 26;

/** Whether a copy of so many weights can lie with each thread. */
export function fitsEachThread({ threads }: OnnxLayers, weights: number): boolean {
  return weights * threads < LARGE;
}

/** @param weight [inputs, outputs] */
export async function onnxLinear(layers: OnnxLayers, weight: Matrix, bias: Float32Array): Promise<Linear> {
  const shape = { inputs: weight.rows, outputs: weight.cols, stride: weight.rows };
  const { length } = weight.data;
  // Threads that share a product take turns at its end, which costs a quarter of the time here: rather a tile for each.
  if (fitsEachThread(layers, length))
    return linearOf(await layers.openOnEach(constantLinearModel(weight, bias)), shape, layers.threads + 1);
  if (length < LARGE) return linearOf(await layers.open(constantLinearModel(weight, bias)), shape);
  const dims = [weight.rows, weight.cols];
  const weights = weightsOf({ type: 'float32', data: weight.data, dims }, bias);
  return linearOf(await layers.load(linearModel(), weights), shape);
}

/** @param weight [outputs, stride], each row with zeros behind the inputs */
export async function transposedOnnxLinear(
  layers: OnnxLayers,
  weight: Float32Array,
  shape: DenseShape,
  bias: Float32Array,
): Promise<Linear> {
  const dims = [shape.outputs, shape.stride];
  const weights = weightsOf({ type: 'float32', data: weight, dims }, bias);
  return linearOf(await layers.load(transposedLinearModel(), weights), shape);
}

function weightsOf(weight: TensorSpec, bias: Float32Array): TensorSpecs {
  return { weight, bias: { type: 'float32', data: bias, dims: [bias.length] } };
}

export function linearOf(layer: OnnxLayer, { inputs, outputs, stride }: DenseShape, inFlight = 1): Linear {
  const buffers = new BufferPool();
  const results = new RecentBuffers(inFlight);
  let last: Promise<unknown> = Promise.resolve();

  return {
    inputs,
    outputs,
    tileRows: tileRows(outputs, inputs * outputs < LARGE ? TILE : LARGE_TILE),
    inFlight,
    async apply(x, rows) {
      const padded = floats(buffers.take(4 * rows * stride), rows * stride);
      pad(x, rows, inputs, padded);
      const y = floats(results.take(4 * rows * outputs), rows * outputs);
      const run = layer.run(
        { x: { type: 'float32', data: padded, dims: [rows, stride] } },
        { y: { type: 'float32', data: y, dims: [rows, outputs] } },
      );
      // Results come in the order of the calls: that is what their memory is reused by.
      const before = last;
      last = Promise.allSettled([before, run]);
      try {
        const [, { feeds, outputs: given }] = await Promise.all([before, run]);
        buffers.give(feeds['x'].data.buffer);
        const result = given['y'].data as Float32Array<ArrayBuffer>;
        results.give(result.buffer);
        return result;
      } catch (error) {
        throw new DiscernError(
          'BACKEND_FAILED',
          `onnxruntime: [${rows}, ${inputs}] · [${inputs}, ${outputs}]: ${reasonOf(error)}`,
          { cause: error },
        );
      }
    },
    close: () => layer.drop(),
  };
}

function floats(buffer: ArrayBuffer, length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(buffer, 0, length);
}

function pad(x: Float32Array, rows: number, inputs: number, out: Float32Array): void {
  const stride = out.length / rows;
  if (inputs === stride) out.set(x.subarray(0, rows * inputs));
  else
    for (let r = 0; r < rows; r++)
      out.fill(0, r * stride, (r + 1) * stride).set(x.subarray(r * inputs, (r + 1) * inputs), r * stride);
}
