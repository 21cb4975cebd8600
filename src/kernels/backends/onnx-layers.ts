import { Piscina } from 'piscina';
import { DiscernError } from '../../errors.js';
import { workerFile } from '../../worker-file.js';
import type { OnnxJob, OnnxRun } from './onnx-thread.js';
import { buffersOf, type TensorSpecs } from './onnx-tensors.js';

/** Layers whose weights lie with onnxruntime, in a thread of its own. */
export class OnnxLayers {
  private readonly pool = new Piscina({
    filename: workerFile(import.meta.url, './onnx-thread.js'),
    minThreads: 1,
    maxThreads: 1,
  });
  private next = 0;

  /** @throws whatever loading onnxruntime throws */
  static async start(threads: number): Promise<OnnxLayers> {
    const layers = new OnnxLayers();
    try {
      await layers.send({ kind: 'start', threads });
      return layers;
    } catch (error) {
      await layers.close();
      throw error;
    }
  }

  /**
   * @param weights inputs that are the same in every run; they are copied
   * @throws DiscernError BACKEND_FAILED
   */
  load(model: Uint8Array, weights: TensorSpecs): Promise<OnnxLayer> {
    const layer = this.next++;
    return this.layer(layer, this.send({ kind: 'load', layer, model, weights }));
  }

  /**
   * @param model with its weights in it; its memory is given away
   * @throws DiscernError BACKEND_FAILED
   */
  open(model: Uint8Array<ArrayBuffer>): Promise<OnnxLayer> {
    const layer = this.next++;
    return this.layer(layer, this.send({ kind: 'open', layer, model }, [model.buffer]));
  }

  private async layer(layer: number, sent: Promise<unknown>): Promise<OnnxLayer> {
    try {
      await sent;
    } catch (error) {
      throw new DiscernError('BACKEND_FAILED', `onnxruntime: weights: ${reasonOf(error)}`, { cause: error });
    }
    return {
      run: async (feeds, outputs) => {
        return (await this.send({ kind: 'run', layer, feeds, outputs }, buffersOf(feeds, outputs))) as OnnxRun;
      },
      drop: async () => {
        await this.send({ kind: 'drop', layer });
      },
    };
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private send(job: OnnxJob, transferList: ArrayBuffer[] = []): Promise<unknown> {
    return this.pool.run(job, { transferList });
  }
}

export interface OnnxLayer {
  /** Runs the model. Feeds and outputs lie in memory of their own; it is lent, and comes back in the result. */
  run(feeds: TensorSpecs, outputs: TensorSpecs): Promise<OnnxRun>;
  drop(): Promise<void>;
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
}
