import { availableParallelism } from 'node:os';
import { DiscernError } from '../../errors.js';
import type { Backend, SparseLayer, SparseLinear } from '../backend.js';
import { screenedLinear, type ScreeningBackend } from '../screening/screened-linear.js';
import { onnxIntegerLayer, whyNoByteProducts } from './onnx-integer-layer.js';
import { OnnxLayers, reasonOf } from './onnx-layers.js';
import { onnxLinear, transposedOnnxLinear } from './onnx-linear.js';
import { loadOnnxRuntime, type OnnxRuntime } from './onnxruntime-module.js';
import type { BackendOptions, BackendProvider } from './provider.js';
import { webasm } from './webasm.js';

/**
 * Dense products by onnxruntime's CPU kernels, some forty times as fast as WebAssembly; everything else stays with
 * gpu.js. The package is an optional dependency.
 */
export const onnxruntime: BackendProvider = {
  name: 'onnxruntime',
  async probe() {
    try {
      return { available: true, description: describe(await loadOnnxRuntime(), availableParallelism()) };
    } catch (error) {
      return { available: false, reason: reasonOf(error), fix: FIX };
    }
  },
  async open(options) {
    const { threads = availableParallelism() } = options;
    const runtime = await loadOrRefuse();
    const layers = await OnnxLayers.start(threads);
    const backend = createBackend(layers, describe(runtime, threads), options);
    const { description } = backend;
    const obstacle = await whyNoByteProducts(layers);
    if (obstacle !== undefined) return { ...backend, description: `${description}; no byte products: ${obstacle}` };
    return { ...backend, description: `${description}, byte products`, sparseLinear: screened(layers) };
  },
};

/** Rows with fewer outputs are multiplied as fast as they can be looked through. */
const LEAST_SCREENED = 4096;

const FIX =
  'Run `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` (skip: without the CUDA libraries), ' +
  'or use DISCERN_BACKEND=webasm.';

function createBackend(layers: OnnxLayers, description: string, options: BackendOptions): Backend {
  let rest: Promise<Backend> | undefined;
  return {
    name: 'onnxruntime',
    description,
    linear: (weight, bias) => onnxLinear(layers, weight, bias),
    async rowErrors(x, xHat, rows, cols) {
      rest ??= webasm.open(options);
      return (await rest).rowErrors(x, xHat, rows, cols);
    },
    async close() {
      await layers.close();
      await (await rest)?.close();
    },
  };
}

function screened(layers: OnnxLayers): (layer: SparseLayer) => Promise<SparseLinear | undefined> {
  const backend: ScreeningBackend = {
    integerLayer: (blocks) => onnxIntegerLayer(layers, blocks),
    denseLinear: (weight, shape, bias) => transposedOnnxLinear(layers, weight, shape, bias),
  };
  return (layer) => Promise.resolve(layer.weight.cols < LEAST_SCREENED ? undefined : screenedLinear(layer, backend));
}

async function loadOrRefuse(): Promise<OnnxRuntime> {
  try {
    return await loadOnnxRuntime();
  } catch (error) {
    throw new DiscernError('BACKEND_UNAVAILABLE', `backend onnxruntime is not available: ${reasonOf(error)}`, {
      cause: error,
      hint: FIX,
    });
  }
}

function describe(runtime: OnnxRuntime, threads: number): string {
  return `onnxruntime-node ${runtime.env.versions.node ?? 'of unknown version'} (CPU), ${threads} threads`;
}
