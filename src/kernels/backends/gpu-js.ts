import { createRequire } from 'node:module';
import type { Backend, BackendName, Linear } from '../backend.js';
import { linearKernel } from '../gpu/linear.js';
import type { Matrix } from '../matrix.js';
import { AlternatingOutput } from '../alternating-output.js';
import { tileRows, type TileBounds } from '../tile.js';
import type { Kernel } from './gpu-js-kernel.js';
import { Kernels } from './gpu-js-kernels.js';
import { asMatrix, regroupQuads } from './gpu-js-values.js';
import { createSparseLinear, type SparseTile } from './sparse-linear.js';

/** Version of the installed gpu.js. */
export const GPU_JS_VERSION = (createRequire(import.meta.url)('gpu.js/package.json') as { version: string }).version;

export interface GpuJsSettings {
  readonly name: Exclude<BackendName, 'onnxruntime'>;
  readonly description: string;
  /** Workers of the `webasm` mode. */
  readonly threads?: number;
  /** Rows of one kernel call. */
  readonly tile: TileBounds;
  /** Present where results can stay on the device, and dense ones are dear to fetch. */
  readonly sparseTile?: SparseTile;
  /** What went wrong on the device beside gpu.js' calls, if anything did. */
  readonly failure?: () => string | undefined;
  /** Lets go of what was opened for the backend besides gpu.js itself. */
  readonly release?: () => Promise<void>;
}

/** A backend on one of gpu.js' modes. Every kernel is run asynchronously. */
export function createGpuJsBackend(settings: GpuJsSettings): Backend {
  const { name, description, sparseTile } = settings;
  const kernels = new Kernels(name, { description, failure: settings.failure ?? (() => undefined) }, settings.threads);

  function linear(weight: Matrix, bias: Float32Array): Promise<Linear> {
    const { rows: inputs, cols: outputs } = weight;
    const rows = tileRows(outputs, settings.tile);
    const product = kernels.fixed(linearKernel, {
      output: [outputs, rows / 4],
      constants: { inputs, weight: asMatrix(weight.data, inputs, outputs), bias },
      loopLength: inputs,
    });
    return Promise.resolve(createLinear(product, inputs, outputs, rows));
  }

  function sparseLinear(tile: SparseTile): Pick<Backend, 'sparseLinear'> {
    return {
      sparseLinear: (layer) => createSparseLinear(kernels, layer, tile, () => linear(layer.weight, layer.bias)),
    };
  }

  return {
    name,
    description,
    linear,
    ...(sparseTile === undefined ? {} : sparseLinear(sparseTile)),

    async close(): Promise<void> {
      await kernels.close();
      await settings.release?.();
    },
  };
}

function createLinear(product: Kernel, inputs: number, outputs: number, tile: number): Linear {
  const padded = new Float32Array(tile * inputs);
  const memory = new AlternatingOutput();

  async function block(x: Float32Array, start: number, count: number, y: Float32Array): Promise<void> {
    const given = x.subarray(start * inputs, (start + count) * inputs);
    // A kernel is compiled for one shape, with its own copy of the weights: the last rows are padded instead.
    if (count < tile) padded.fill(0, given.length).set(given);
    const rows = count < tile ? padded : given;
    const quads = await product.call(tile * outputs, asMatrix(rows, tile, inputs));
    regroupQuads(quads, outputs, count, y, start);
  }

  return {
    inputs,
    outputs,
    tileRows: tile,
    inFlight: 1,
    async apply(x: Float32Array, rows: number): Promise<Float32Array> {
      const y = memory.next(rows * outputs);
      for (let start = 0; start < rows; start += tile) await block(x, start, Math.min(tile, rows - start), y);
      return y;
    },
    close(): Promise<void> {
      product.destroy();
      return Promise.resolve();
    },
  };
}
