import { createRequire } from 'node:module';
import {
  GPU,
  type IConstantsThis,
  type IKernelRunShortcut,
  type Input,
  type KernelFunction,
  type ThreadKernelVariable,
} from 'gpu.js';
import { DiscernError } from '../../errors.js';
import type { Backend, BackendName, Linear, RowErrors } from '../backend.js';
import { linearKernel } from '../gpu/linear.js';
import { rowErrorsKernel } from '../gpu/row-errors.js';
import type { Matrix } from '../matrix.js';
import { tileRows, type TileBounds } from '../tile.js';
import { asMatrix, regroupQuads, toFlat } from './gpu-js-values.js';

/** Version of the installed gpu.js. */
export const GPU_JS_VERSION = (createRequire(import.meta.url)('gpu.js/package.json') as { version: string }).version;

export interface GpuJsSettings {
  readonly name: Exclude<BackendName, 'onnxruntime'>;
  readonly description: string;
  /** Workers of the `webasm` mode. */
  readonly threads?: number;
  /** Rows of one kernel call. */
  readonly tile: TileBounds;
  /** Lets go of what was opened for the backend besides gpu.js itself. */
  readonly release?: () => Promise<void>;
}

/** Rows of one row-error call: few, since neighbouring rows are read side by side and should stay in cache. */
const ROW_ERROR_ROWS = 256;

/** A backend on one of gpu.js' modes. Every kernel is run asynchronously and on blocks of one fixed shape. */
export function createGpuJsBackend(settings: GpuJsSettings): Backend {
  const gpu = new GPU({ mode: settings.name });
  const rowErrorKernels = new Map<number, Kernel>();

  function kernel<Inputs extends ThreadKernelVariable[], Constants extends IConstantsThis>(
    source: KernelFunction<Inputs, Constants>,
    shape: { readonly output: number[]; readonly constants: object; readonly loopLength: number },
  ): Kernel {
    const { output, constants, loopLength } = shape;
    const threads = settings.threads === undefined ? {} : { poolSize: settings.threads };
    const run = gpu.createKernel(source, { asyncMode: true, precision: 'single', output, constants, ...threads });
    run.setLoopMaxIterations(loopLength + 1);
    return new Kernel(run, settings);
  }

  function rowErrorKernel(cols: number): Kernel {
    const known = rowErrorKernels.get(cols);
    if (known !== undefined) return known;
    const created = kernel(rowErrorsKernel, {
      output: [ROW_ERROR_ROWS],
      constants: { cols },
      loopLength: cols,
    });
    rowErrorKernels.set(cols, created);
    return created;
  }

  return {
    name: settings.name,
    description: settings.description,

    linear(weight: Matrix, bias: Float32Array): Promise<Linear> {
      const { rows: inputs, cols: outputs } = weight;
      const rows = tileRows(outputs, settings.tile);
      const product = kernel(linearKernel, {
        output: [outputs, rows / 4],
        constants: { inputs, weight: asMatrix(weight.data, inputs, outputs), bias },
        loopLength: inputs,
      });
      return Promise.resolve(createLinear(product, inputs, outputs, rows));
    },

    rowErrors: (x, xHat, rows, cols) => rowErrors(rowErrorKernel(cols), x, xHat, rows, cols),

    async close(): Promise<void> {
      rowErrorKernels.clear();
      await gpu.destroy();
      await settings.release?.();
    },
  };
}

/** A gpu.js kernel whose failures are typed. */
class Kernel {
  constructor(
    private readonly run: IKernelRunShortcut,
    private readonly settings: GpuJsSettings,
  ) {}

  /** @returns what the kernel wrote, flat and `length` long */
  async call(length: number, ...inputs: Input[]): Promise<Float32Array> {
    const output: unknown = await this.attempt(inputs);
    const { fallbackReason } = this.run.kernel;
    // gpu.js carries on on its cpu mode where another cannot run a kernel: slow, and not what was asked for.
    if (fallbackReason !== null) throw this.failure(`gpu.js fell back to its cpu mode: ${fallbackReason}`);
    return toFlat(output, length);
  }

  destroy(): void {
    this.run.destroy();
  }

  private async attempt(inputs: Input[]): Promise<unknown> {
    try {
      return await Promise.resolve(this.run(...inputs));
    } catch (error) {
      throw this.failure(error instanceof Error ? error.message : String(error), error);
    }
  }

  private failure(message: string, cause?: unknown): DiscernError {
    return new DiscernError('BACKEND_FAILED', `${this.settings.description}: ${message}`, {
      cause,
      hint: 'Set DISCERN_BACKEND to another backend; `discern doctor` lists those that run here.',
    });
  }
}

function createLinear(product: Kernel, inputs: number, outputs: number, tile: number): Linear {
  const padded = new Float32Array(tile * inputs);
  let y = new Float32Array(0);

  async function block(x: Float32Array, start: number, count: number): Promise<void> {
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
    async apply(x: Float32Array, rows: number): Promise<Float32Array> {
      if (y.length < rows * outputs) y = new Float32Array(rows * outputs);
      for (let start = 0; start < rows; start += tile) await block(x, start, Math.min(tile, rows - start));
      return y.subarray(0, rows * outputs);
    },
    close(): Promise<void> {
      product.destroy();
      return Promise.resolve();
    },
  };
}

async function rowErrors(
  kernel: Kernel,
  x: Float32Array,
  xHat: Float32Array,
  rows: number,
  cols: number,
): Promise<RowErrors> {
  const errors = {
    squaredError: new Float32Array(rows),
    dot: new Float32Array(rows),
    inputNorm2: new Float32Array(rows),
    outputNorm2: new Float32Array(rows),
  };
  for (let start = 0; start < rows; start += ROW_ERROR_ROWS) {
    const count = Math.min(ROW_ERROR_ROWS, rows - start);
    const block = (of: Float32Array): Input =>
      asMatrix(paddedBlock(of, start * cols, count * cols, ROW_ERROR_ROWS * cols), ROW_ERROR_ROWS, cols);
    const quads = await kernel.call(4 * ROW_ERROR_ROWS, block(x), block(xHat));
    for (let row = 0; row < count; row++) {
      errors.squaredError[start + row] = quads[4 * row]!;
      errors.dot[start + row] = quads[4 * row + 1]!;
      errors.inputNorm2[start + row] = quads[4 * row + 2]!;
      errors.outputNorm2[start + row] = quads[4 * row + 3]!;
    }
  }
  return errors;
}

function paddedBlock(data: Float32Array, start: number, length: number, paddedLength: number): Float32Array {
  const given = data.subarray(start, start + length);
  if (length === paddedLength) return given;
  const padded = new Float32Array(paddedLength);
  padded.set(given);
  return padded;
}
