import { move, transferableSymbol, valueSymbol } from 'piscina';
import { collectGarbage } from '../../collect-garbage.js';
import type { SharedTensor } from '../../tensors/shared-tensor.js';
import type { Candidates } from '../backend.js';
import type { IntegerTile } from '../screening/integer-layer.js';
import { TileQueue } from '../tile-queue.js';
import { OnnxByteProducts, type ByteProductsShape } from './onnx-byte-products.js';
import { OnnxSearch, type SearchedLayer } from './onnx-search.js';
import { loadOnnxRuntime, type OnnxRuntime, type Session, type Tensors } from './onnxruntime-module.js';
import { buffersOf, toTensors, unshared, type TensorSpecs } from './onnx-tensors.js';

/**
 * The thread that onnxruntime-node runs in. Its `run` keeps the calling thread until it is done: here it keeps none that
 * has anything else to do.
 */
export type OnnxJob =
  | { readonly kind: 'start'; readonly threads: number }
  /** Starts a session, and keeps the inputs that are the same in every run. */
  | { readonly kind: 'load'; readonly layer: number; readonly model: Uint8Array; readonly weights: TensorSpecs }
  /** Starts a session for a model that has its weights in it; nobody else gets it. */
  | { readonly kind: 'open'; readonly layer: number; readonly model: Uint8Array }
  /** Outputs are written into the given tensors. These and the feeds are sent, and come back. */
  | { readonly kind: 'run'; readonly layer: number; readonly feeds: TensorSpecs; readonly outputs: TensorSpecs }
  /** Starts a session like 'open', for a model of products of bytes. */
  | { readonly kind: 'bytes'; readonly layer: number; readonly model: Uint8Array; readonly shape: ByteProductsShape }
  /** Writes the products of a tile. */
  | { readonly kind: 'multiply'; readonly layer: number; readonly tile: IntegerTile }
  /** Starts a session like 'open', for a model of one input x and one output y, which is looked through here. */
  | { readonly kind: 'search'; readonly layer: number; readonly model: Uint8Array; readonly searched: SearchedLayer }
  /** What is wanted of the outputs of x, [rows, inputs]. */
  | { readonly kind: 'find'; readonly layer: number; readonly x: Float32Array; readonly rows: number }
  /** The same of rows of a tensor, a tile after the other, of those that no other thread takes. */
  | {
      readonly kind: 'findAll';
      readonly layer: number;
      readonly tensor: SharedTensor;
      readonly tiles: TileQueue['state'];
    }
  | { readonly kind: 'drop'; readonly layer: number };

export interface OnnxRun {
  readonly feeds: TensorSpecs;
  readonly outputs: TensorSpecs;
}

interface Layer {
  readonly session: Session;
  /** Inputs that are the same in every run. */
  readonly weights: Tensors;
  /** Whether the session goes with the layer. */
  readonly own: boolean;
}

interface LayerOfBytes extends Layer {
  readonly products: OnnxByteProducts;
}

interface LayerWithSearch extends Layer {
  readonly search: OnnxSearch;
}

const ERRORS_ONLY = 3;

let runtime: OnnxRuntime | undefined;
let threads = 1;
const sessions = new Map<string, Promise<Session>>();
const layers = new Map<number, Layer | LayerOfBytes | LayerWithSearch>();

export default async function handle(job: OnnxJob): Promise<unknown> {
  switch (job.kind) {
    case 'start':
      ({ threads } = job);
      runtime = await loadOnnxRuntime();
      return undefined;
    case 'load':
      layers.set(job.layer, {
        session: await sessionOf(job.model),
        weights: toTensors(started(), unshared(job.weights)),
        own: false,
      });
      return undefined;
    case 'open':
      layers.set(job.layer, { session: await startSession(job.model), weights: {}, own: true });
      return undefined;
    case 'run':
      return run(job);
    case 'bytes': {
      const session = await startSession(job.model);
      const products = new OnnxByteProducts(started(), session, job.shape);
      layers.set(job.layer, { session, weights: {}, own: true, products });
      return undefined;
    }
    case 'multiply':
      return (loaded(job.layer) as LayerOfBytes).products.multiply(job.tile);
    case 'search': {
      const session = await startSession(job.model);
      layers.set(job.layer, {
        session,
        weights: {},
        own: true,
        search: new OnnxSearch(started(), session, job.searched),
      });
      return undefined;
    }
    case 'find':
      return searchOf(job.layer).find(job.x, job.rows);
    case 'findAll':
      return findAll(job);
    case 'drop':
      return drop(job.layer);
  }
}

async function drop(number: number): Promise<void> {
  const layer = layers.get(number);
  layers.delete(number);
  if (layer?.own === true) await layer.session.release();
  // References to tiles keep the memory of the whole layer, its weights too. The heap here is small: it takes a few ms.
  if (layer !== undefined && 'products' in layer) collectGarbage();
}

async function run({ layer, feeds, outputs }: OnnxJob & { kind: 'run' }): Promise<unknown> {
  const { session, weights } = loaded(layer);
  await session.run({ ...toTensors(started(), feeds), ...weights }, toTensors(started(), outputs));
  const result: OnnxRun = { feeds, outputs };
  return move({
    [valueSymbol]: result,
    [transferableSymbol]: buffersOf(feeds, outputs),
  });
}

async function findAll({ layer, tensor, tiles }: OnnxJob & { kind: 'findAll' }): Promise<unknown> {
  const found = await searchOf(layer).findAll(tensor, new TileQueue(tiles));
  const memory = found.flatMap(([, candidates]) => (candidates === undefined ? [] : memoryOf(candidates)));
  return move({ [valueSymbol]: found, [transferableSymbol]: memory });
}

function memoryOf({ indptr, indices, values }: Candidates): ArrayBuffer[] {
  return [indptr, indices, values].map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

function searchOf(layer: number): OnnxSearch {
  return (loaded(layer) as LayerWithSearch).search;
}

function loaded(number: number): Layer {
  const layer = layers.get(number);
  if (layer === undefined) throw new Error('the thread of onnxruntime was started again and has lost its weights');
  return layer;
}

/** One session serves all layers of a model whose weights are inputs. */
function sessionOf(model: Uint8Array): Promise<Session> {
  const key = Buffer.from(model).toString('latin1');
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const session = startSession(model);
  sessions.set(key, session);
  return session;
}

function startSession(model: Uint8Array): Promise<Session> {
  return started().InferenceSession.create(model, {
    intraOpNumThreads: threads,
    logSeverityLevel: ERRORS_ONLY,
    // Idle threads would spin in wait of the next product and take the cores that score in the meantime.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

function started(): OnnxRuntime {
  if (runtime === undefined) throw new Error('the thread of onnxruntime was started again');
  return runtime;
}
