import { DiscernError } from '../../errors.js';
import type { SharedTensor } from '../../tensors/shared-tensor.js';
import type { Candidates } from '../backend.js';
import type { IntegerTile } from '../screening/integer-layer.js';
import type { TileQueue } from '../tile-queue.js';
import type { ByteProductsShape } from './onnx-byte-products.js';
import type { FoundTile, SearchedLayer } from './onnx-search.js';
import type { OnnxJob, OnnxRun } from './onnx-thread.js';
import { buffersOf, type TensorSpecs } from './onnx-tensors.js';
import { OnnxWorker } from './onnx-worker.js';

/** Layers whose weights lie with onnxruntime, in threads of its own. */
export class OnnxLayers {
  private next = 0;
  private each: Promise<readonly OnnxWorker[]> | undefined;

  private constructor(
    /** Divides each product among all threads. */
    private readonly whole: OnnxWorker,
    readonly threads: number,
  ) {}

  /** @throws whatever loading onnxruntime throws */
  static async start(threads: number): Promise<OnnxLayers> {
    return new OnnxLayers(await OnnxWorker.start(threads), threads);
  }

  /**
   * @param weights inputs that are the same in every run; they are copied
   * @throws DiscernError BACKEND_FAILED
   */
  load(model: Uint8Array, weights: TensorSpecs): Promise<OnnxLayer> {
    return this.layer([this.whole], (layer) => ({ kind: 'load', layer, model, weights }));
  }

  /**
   * @param model with its weights in it; its memory is given away
   * @throws DiscernError BACKEND_FAILED
   */
  open(model: Uint8Array<ArrayBuffer>): Promise<OnnxLayer> {
    return this.layer([this.whole], (layer) => ({ kind: 'open', layer, model }), [model.buffer]);
  }

  /**
   * The same for a model of products of bytes.
   *
   * @throws DiscernError BACKEND_FAILED
   */
  async openBytes(model: Uint8Array<ArrayBuffer>, shape: ByteProductsShape): Promise<OnnxBytesLayer> {
    const workers = [this.whole];
    const layer = await this.give(workers, (layer) => ({ kind: 'bytes', layer, model, shape }), [model.buffer]);
    return {
      ...layerOn(workers, layer),
      multiply: async (tile) => {
        await this.whole.send({ kind: 'multiply', layer, tile });
      },
    };
  }

  /**
   * The same with a session for each thread, which all hold the weights: runs that overlap need not wait for one another,
   * as threads that share a run do.
   *
   * @throws DiscernError BACKEND_FAILED
   */
  async openOnEach(model: Uint8Array): Promise<OnnxLayer> {
    return this.layer(await (this.each ??= startEach(this.threads)), (layer) => ({ kind: 'open', layer, model }));
  }

  /**
   * The same for a model of one input x and one output y, of which only what is wanted comes back.
   *
   * @throws DiscernError BACKEND_FAILED
   */
  async searchOnEach(model: Uint8Array, searched: SearchedLayer): Promise<OnnxSearchedLayer> {
    const workers = await (this.each ??= startEach(this.threads));
    const layer = await this.give(workers, (layer) => ({ kind: 'search', layer, model, searched }));
    return {
      ...layerOn(workers, layer),
      find: async (x, rows) => (await leastBusy(workers).send({ kind: 'find', layer, x, rows })) as Candidates,
      findAll: async (tensor, tiles) => {
        const job = { kind: 'findAll', layer, tensor, tiles: tiles.state } as const;
        const jobs = workers.slice(0, tiles.length).map((worker) => worker.send(job));
        // What one cannot do the others need not do either.
        for (const done of jobs) done.catch(() => tiles.stop());
        await Promise.allSettled(jobs);
        return (await Promise.all(jobs)).flatMap((found) => found as FoundTile[]);
      },
    };
  }

  async close(): Promise<void> {
    await this.whole.close();
    const each = (await this.each?.catch(() => [])) ?? [];
    await Promise.all(each.map((worker) => worker.close()));
  }

  private async layer(
    workers: readonly OnnxWorker[],
    opening: (layer: number) => OnnxJob,
    given: ArrayBuffer[] = [],
  ): Promise<OnnxLayer> {
    return layerOn(workers, await this.give(workers, opening, given));
  }

  /** @returns the number that the workers know the layer by */
  private async give(
    workers: readonly OnnxWorker[],
    opening: (layer: number) => OnnxJob,
    given: ArrayBuffer[] = [],
  ): Promise<number> {
    const layer = this.next++;
    try {
      await Promise.all(workers.map((worker) => worker.send(opening(layer), given)));
    } catch (error) {
      throw new DiscernError('BACKEND_FAILED', `onnxruntime: weights: ${reasonOf(error)}`, { cause: error });
    }
    return layer;
  }
}

export interface OnnxLayer {
  /** Runs the model. Feeds and outputs lie in memory of their own; it is lent, and comes back in the result. */
  run(feeds: TensorSpecs, outputs: TensorSpecs): Promise<OnnxRun>;
  drop(): Promise<void>;
}

/** A layer that multiplies bytes. */
export interface OnnxBytesLayer {
  /** Writes the products of a tile. */
  multiply(tile: IntegerTile): Promise<void>;
  drop(): Promise<void>;
}

/** A layer whose outputs can be looked through in the threads that compute them. */
export interface OnnxSearchedLayer extends OnnxLayer {
  /** Runs the model on so many rows. */
  find(x: Float32Array, rows: number): Promise<Candidates>;
  /** Runs the model on tiles of a tensor's rows, each in the thread that takes it; in any order. */
  findAll(tensor: SharedTensor, tiles: TileQueue): Promise<readonly FoundTile[]>;
}

function layerOn(workers: readonly OnnxWorker[], layer: number): OnnxLayer {
  return {
    run: async (feeds, outputs) => {
      const job = { kind: 'run', layer, feeds, outputs } as const;
      return (await leastBusy(workers).send(job, buffersOf(feeds, outputs))) as OnnxRun;
    },
    drop: async () => {
      await Promise.all(workers.map((worker) => worker.send({ kind: 'drop', layer })));
    },
  };
}

async function startEach(threads: number): Promise<readonly OnnxWorker[]> {
  const starts = await Promise.allSettled(Array.from({ length: threads }, () => OnnxWorker.start(1)));
  const workers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed === undefined) return workers;
  await Promise.all(workers.map((worker) => worker.close()));
  throw failed.reason;
}

function leastBusy(workers: readonly OnnxWorker[]): OnnxWorker {
  return workers.reduce((least, worker) => (worker.pending < least.pending ? worker : least));
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
}
