import { availableParallelism } from 'node:os';
import { DiscernError } from '../../errors.js';
import type { Backend, SparseLayer, SparseLinear } from '../backend.js';
import { screenedLinear } from '../screening/screened-linear.js';
import { onnxIntegerLayer, whyNoByteProducts } from './onnx-integer-layer.js';
import { OnnxLayers, reasonOf } from './onnx-layers.js';
import { onnxLinear, transposedOnnxLinear } from './onnx-linear.js';
import { searchedOnnxLinear } from './onnx-searched-linear.js';
import { loadOnnxRuntime, type OnnxRuntime } from './onnxruntime-module.js';
import type { BackendProvider } from './provider.js';

/** Dense products by onnxruntime's CPU kernels, some forty times as fast as WebAssembly. The package is an optional dependency. */
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
    const obstacle = await whyNoByteProducts(layers);
    const bytes = obstacle === undefined ? ', byte products' : `; no byte products: ${obstacle}`;
    return createBackend(layers, describe(runtime, threads) + bytes, obstacle === undefined);
  },
};

/** Rows with fewer outputs are multiplied as fast as they can be looked through. */
const LEAST_SCREENED = 4096;

const FIX =
  'Run `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` (skip: without the CUDA libraries), ' +
  'or use DISCERN_BACKEND=webasm.';

/** @param bytes whether products of bytes are exact here */
function createBackend(layers: OnnxLayers, description: string, bytes: boolean): Backend {
  return {
    name: 'onnxruntime',
    description,
    linear: (weight, bias) => onnxLinear(layers, weight, bias),
    sparseLinear: (layer, input) =>
      bytes && layer.weight.cols >= LEAST_SCREENED
        ? Promise.resolve(screened(layers, layer))
        : searchedOnnxLinear(layers, layer, input),
    close: () => layers.close(),
  };
}

function screened(layers: OnnxLayers, layer: SparseLayer): SparseLinear | undefined {
  return screenedLinear(layer, {
    integerLayer: (blocks) => onnxIntegerLayer(layers, blocks),
    denseLinear: (weight, shape, bias) => transposedOnnxLinear(layers, weight, shape, bias),
  });
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
