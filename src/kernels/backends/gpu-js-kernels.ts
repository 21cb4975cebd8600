import { GPU, type IKernelRunShortcut } from 'gpu.js';
import { HostKernel, ResidentKernel, type Kernel, type KernelDevice } from './gpu-js-kernel.js';

export interface KernelSettings {
  /** Threads, innermost first; of kernels that are called with others, as many dimensions. */
  readonly output: readonly number[];
  /** Of the longest loop, in passes. gpu.js bounds the loops that it cannot see the end of. */
  readonly loopLength: number;
  readonly constants?: object;
}

/** A function in the plain style that gpu.js reads, or its source. */
export type KernelSource = string | ((this: never, ...args: never[]) => number | number[]);

/** Makes the kernels of one backend. */
export class Kernels {
  private readonly gpu: GPU;

  /** @param poolSize workers of the `webasm` mode */
  constructor(
    private readonly mode: 'cpu' | 'webasm' | 'webgpu',
    private readonly device: KernelDevice,
    private readonly poolSize?: number,
  ) {
    this.gpu = new GPU({ mode });
  }

  /** Of one fixed shape. */
  fixed(source: KernelSource, settings: KernelSettings): Kernel {
    if (this.mode === 'webgpu') return this.resident(source, settings);
    return new HostKernel(this.build(source, settings, {}), this.device);
  }

  /** For WebGPU alone: elsewhere results do not stay. */
  resident(source: KernelSource, settings: KernelSettings): ResidentKernel {
    const flags = { pipeline: true, immutable: true, dynamicOutput: true, dynamicArguments: true };
    return new ResidentKernel(this.build(source, settings, flags), this.device);
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
