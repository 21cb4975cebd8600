import { GPU, type IKernelRunShortcut, type Input } from 'gpu.js';
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

export interface KernelSettings {
  /** Threads, innermost first; of kernels that are called with others, as many dimensions. */
  readonly output: readonly number[];
  /** Of the longest loop, in passes. gpu.js bounds the loops that it cannot see the end of. */
  readonly loopLength: number;
  readonly constants?: object;
}

export type Argument = Input | Resident;

/** A function in the plain style that gpu.js reads, or its source. */
export type KernelSource = string | ((this: never, ...args: never[]) => number | number[]);

/** Makes the kernels of one backend. */
export class Kernels {
  private readonly gpu: GPU;

  /** @param poolSize workers of the `webasm` mode */
  constructor(
    mode: 'cpu' | 'webasm' | 'webgpu',
    private readonly description: string,
    private readonly poolSize?: number,
  ) {
    this.gpu = new GPU({ mode });
  }

  /** Of one fixed shape. */
  fixed(source: KernelSource, settings: KernelSettings): Kernel {
    return new Kernel(this.build(source, settings, {}), this.description);
  }

  sized(source: KernelSource, settings: KernelSettings): SizedKernel {
    const flags = { dynamicOutput: true, dynamicArguments: true };
    return new SizedKernel(this.build(source, settings, flags), this.description);
  }

  /** For WebGPU alone: elsewhere results do not stay. */
  resident(source: KernelSource, settings: KernelSettings): ResidentKernel {
    const flags = { pipeline: true, immutable: true, dynamicOutput: true, dynamicArguments: true };
    return new ResidentKernel(this.build(source, settings, flags), this.description);
  }

  async close(): Promise<void> {
    await this.gpu.destroy();
  }

  private build(source: KernelSource, settings: KernelSettings, flags: object): IKernelRunShortcut {
    const { output, constants, loopLength } = settings;
    // gpu.js types a kernel by its arguments and constants; here they only have to be a kernel's.
    const run = this.gpu.createKernel(source as string, {
      asyncMode: true,
      precision: 'single',
      output: [...output],
      ...(constants === undefined ? {} : { constants }),
      ...(this.poolSize === undefined ? {} : { poolSize: this.poolSize }),
      ...flags,
    });
    run.setLoopMaxIterations(loopLength + 1);
    return run;
  }
}

/** A gpu.js kernel whose failures are typed. Runs asynchronously and in float32. */
export class Kernel {
  constructor(
    protected readonly run: IKernelRunShortcut,
    private readonly description: string,
  ) {}

  /** @returns what the kernel wrote, flat and `length` long */
  async call(length: number, ...inputs: Argument[]): Promise<Float32Array> {
    return toFlat(await this.attempt(inputs), length);
  }

  destroy(): void {
    this.run.destroy();
  }

  protected async attempt(inputs: Argument[]): Promise<unknown> {
    const output = await this.settled(inputs);
    const { fallbackReason } = this.run.kernel;
    // gpu.js carries on on its cpu mode where another cannot run a kernel: slow, and not what was asked for.
    if (fallbackReason !== null) throw this.failure(`gpu.js fell back to its cpu mode: ${fallbackReason}`);
    return output;
  }

  private async settled(inputs: Argument[]): Promise<unknown> {
    try {
      // gpu.js takes residents wherever it takes arrays; its declarations do not know them.
      return await Promise.resolve(this.run(...(inputs as Input[])));
    } catch (error) {
      throw this.failure(error instanceof Error ? error.message : String(error), error);
    }
  }

  private failure(message: string, cause?: unknown): DiscernError {
    return new DiscernError('BACKEND_FAILED', `${this.description}: ${message}`, {
      cause,
      hint: 'Set DISCERN_BACKEND to another backend; `discern doctor` lists those that run here.',
    });
  }
}

/** A kernel that may be called with another number of threads each time. Calls may overlap. */
export class SizedKernel extends Kernel {
  private first: Promise<unknown> | undefined;

  /** @param output threads, innermost first */
  async callSized(output: readonly number[], ...inputs: Argument[]): Promise<Float32Array> {
    const length = output.reduce((product, size) => product * size, 1);
    return toFlat(await this.attemptSized(output, inputs), length);
  }

  /** gpu.js compiles at the first call, and reads the number of threads only then: the others have to wait for it. */
  protected attemptSized(output: readonly number[], inputs: Argument[]): Promise<unknown> {
    const attempt = (): Promise<unknown> => {
      this.run.setOutput([...output]);
      return this.attempt(inputs);
    };
    if (this.first !== undefined) return this.first.then(attempt);
    this.first = attempt();
    return this.first;
  }
}

/** A kernel whose results stay on the GPU, each in memory of its own, until they are deleted. */
export class ResidentKernel extends SizedKernel {
  async callResident(output: readonly number[], ...inputs: Argument[]): Promise<Resident> {
    return (await this.attemptSized(output, inputs)) as Resident;
  }
}
