import { availableParallelism } from 'node:os';
import { DiscernError } from '../../errors.js';
import type { Backend, Linear } from '../backend.js';
import type { Matrix } from '../matrix.js';
import { AlternatingOutput } from '../alternating-output.js';
import { tileRows, type TileBounds } from '../tile.js';
import { linearModel } from './onnx-graph.js';
import { loadOnnxRuntime, type OnnxRuntime, type Session, type Tensor } from './onnxruntime-module.js';
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
    const session = await runtime.InferenceSession.create(linearModel(), {
      intraOpNumThreads: threads,
      logSeverityLevel: ERRORS_ONLY,
      // Idle threads would spin in wait of the next product and take the cores that score in the meantime.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    return createBackend(runtime, session, describe(runtime, threads), options);
  },
};

const FIX =
  'Run `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` (skip: without the CUDA libraries), ' +
  'or use DISCERN_BACKEND=webasm.';
const ERRORS_ONLY = 3;

/** Tall enough that packing the weights is paid back, small enough for the last-level cache. */
const TILE: TileBounds = { elements: 1 << 19, minRows: 128, maxRows: 512 };
/** Weights that fit in no cache are packed from memory, which takes more rows to pay back. */
const LARGE_TILE: TileBounds = { ...TILE, minRows: 256 };
const LARGE = 1 << 26;

function createBackend(runtime: OnnxRuntime, session: Session, description: string, options: BackendOptions): Backend {
  let rest: Promise<Backend> | undefined;
  return {
    name: 'onnxruntime',
    description,
    linear: (weight, bias) => Promise.resolve(createLinear(runtime, session, weight, bias)),
    async rowErrors(x, xHat, rows, cols) {
      rest ??= webasm.open(options);
      return (await rest).rowErrors(x, xHat, rows, cols);
    },
    async close() {
      await session.release();
      await (await rest)?.close();
    },
  };
}

function createLinear(runtime: OnnxRuntime, session: Session, weight: Matrix, bias: Float32Array): Linear {
  const { rows: inputs, cols: outputs } = weight;
  const tensor = (data: Float32Array, ...dims: number[]): Tensor => new runtime.Tensor('float32', unshared(data), dims);
  const weights = { weight: tensor(weight.data, inputs, outputs), bias: tensor(bias, outputs) };
  const memory = new AlternatingOutput();

  return {
    inputs,
    outputs,
    tileRows: tileRows(outputs, weight.data.length < LARGE ? TILE : LARGE_TILE),
    async apply(x, rows) {
      const result = memory.next(rows * outputs);
      const feeds = { x: tensor(x.subarray(0, rows * inputs), rows, inputs), ...weights };
      try {
        await session.run(feeds, { y: tensor(result, rows, outputs) });
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

/** onnxruntime-node refuses shared memory, where checkpoints lie: such weights are held twice. */
function unshared(data: Float32Array): Float32Array {
  return data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
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

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
}
