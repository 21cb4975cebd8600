import type { IKernelRunShortcut, Input } from 'gpu.js';
import { DiscernError } from '../../errors.js';
import { toFlat } from './gpu-js-values.js';

/** A result that stayed on the GPU (gpu.js' WebGPUBufferResult, which its declarations leave out). */
export interface Resident {
  /** Numbers each thread returned. */
  componentCount: number;
  /** Threads, innermost first. */
  output: number[];
  clone(): Resident;
  delete(): void;
  toArray(): Promise<unknown>;
}

/** Where kernels run. */
export interface KernelDevice {
  /** Names it in errors. */
  readonly description: string;
  /** What went wrong beside the calls, if anything did. */
  readonly failure: () => string | undefined;
}

export type Argument = Input | Resident;

export interface Kernel {
  /** @returns what the kernel wrote, flat and `length` long */
  call(length: number, ...inputs: Argument[]): Promise<Float32Array>;
  destroy(): void;
}

/** A gpu.js kernel whose failures are typed. Runs asynchronously and in float32. */
class GpuJsKernel {
  constructor(
    protected readonly run: IKernelRunShortcut,
    private readonly device: KernelDevice,
  ) {}

  destroy(): void {
    this.run.destroy();
  }

  protected async attempt(inputs: Argument[]): Promise<unknown> {
    const output = await this.guarded(() => this.run(...(inputs as Input[])));
    const { fallbackReason } = this.run.kernel;
    // gpu.js carries on on its cpu mode where another cannot run a kernel: slow, and not what was asked for.
    if (fallbackReason !== null) throw this.failure(`gpu.js fell back to its cpu mode: ${fallbackReason}`);
    return output;
  }

  protected async guarded(work: () => unknown): Promise<unknown> {
    let result: unknown;
    try {
      result = await Promise.resolve(work());
    } catch (error) {
      throw this.failure(error instanceof Error ? error.message : String(error), error);
    }
    const broken = this.device.failure();
    if (broken !== undefined) throw this.failure(broken);
    return result;
  }

  private failure(message: string, cause?: unknown): DiscernError {
    return new DiscernError('BACKEND_FAILED', `${this.device.description}: ${message}`, {
      cause,
      hint: 'Set DISCERN_BACKEND to another backend; `discern doctor` lists those that run here.',
    });
  }
}

/** A kernel whose results come back. */
export class HostKernel extends GpuJsKernel implements Kernel {
  async call(length: number, ...inputs: Argument[]): Promise<Float32Array> {
    return toFlat(await this.attempt(inputs), length);
  }
}

/**
 * A kernel whose results stay on the GPU, each in memory of its own, until they are deleted or fetched. Calls may
 * overlap, and each may ask for another number of threads.
 */
export class ResidentKernel extends GpuJsKernel implements Kernel {
  private first: Promise<unknown> | undefined;

  /** @param output threads, innermost first */
  async resident(output: readonly number[], ...inputs: Argument[]): Promise<Resident> {
    return (await this.sized(output, inputs)) as Resident;
  }

  /** What so many threads wrote. */
  async fetch(output: readonly number[], ...inputs: Argument[]): Promise<Float32Array> {
    return this.flat(await this.resident(output, ...inputs));
  }

  async call(length: number, ...inputs: Argument[]): Promise<Float32Array> {
    const flat = await this.flat((await this.attempt(inputs)) as Resident);
    return flat.subarray(0, length);
  }

  /** gpu.js compiles at the first call, and reads the number of threads only then: the others have to wait for it. */
  private sized(output: readonly number[], inputs: Argument[]): Promise<unknown> {
    const attempt = (): Promise<unknown> => {
      this.run.setOutput([...output]);
      return this.attempt(inputs);
    };
    if (this.first !== undefined) return this.first.then(attempt);
    this.first = attempt();
    return this.first;
  }

  /** Fetched as one row of numbers: gpu.js would cut what it fetches into a view for each row and vector. */
  private async flat(result: Resident): Promise<Float32Array> {
    const { output, componentCount } = result;
    const numbers = asScalars(result, [output.reduce((product, size) => product * size, componentCount)]);
    try {
      return (await this.guarded(() => numbers.toArray())) as Float32Array;
    } finally {
      numbers.delete();
      result.delete();
    }
  }
}

/** The same memory in another shape. gpu.js takes no vectors as an argument; in memory they are numbers in a row. */
export function asScalars(vectors: Resident, output: number[]): Resident {
  return Object.assign(vectors.clone(), { componentCount: 1, output });
}
