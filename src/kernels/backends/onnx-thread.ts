import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Candidates } from '../backend.js';
import { Search, type Wanted } from '../picks/search.js';
import { loadOnnxRuntime, type OnnxRuntime, type Session, type Tensors } from './onnxruntime-module.js';
import { buffersOf, toTensors, unshared, type TensorSpecs } from './onnx-tensors.js';
import { release } from './release.js';

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
  /** Starts a session like 'open', for a model of one output y, of which `find` returns what is wanted. */
  | { readonly kind: 'search'; readonly layer: number; readonly model: Uint8Array; readonly wanted: Wanted }
  /** The feeds are sent, and come back. */
  | { readonly kind: 'find'; readonly layer: number; readonly feeds: TensorSpecs; readonly rows: number }
  | { readonly kind: 'drop'; readonly layer: number };

export interface OnnxRun {
  readonly feeds: TensorSpecs;
  readonly outputs: TensorSpecs;
}

export interface OnnxFound {
  readonly feeds: TensorSpecs;
  readonly candidates: Candidates;
}

interface Layer {
  readonly session: Session;
  /** Inputs that are the same in every run. */
  readonly weights: Tensors;
  /** Whether the session goes with the layer. */
  readonly own: boolean;
}

interface SearchedLayer extends Layer {
  readonly outputs: number;
  readonly search: Search;
}

const ERRORS_ONLY = 3;

let runtime: OnnxRuntime | undefined;
let threads = 1;
const sessions = new Map<string, Promise<Session>>();
const layers = new Map<number, Layer | SearchedLayer>();

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
    case 'search':
      layers.set(job.layer, {
        session: await startSession(job.model),
        weights: {},
        own: true,
        outputs: job.wanted.outputs,
        search: new Search(job.wanted),
      });
      return undefined;
    case 'find':
      return find(job);
    case 'drop':
      return drop(job.layer);
  }
}

async function drop(number: number): Promise<void> {
  const layer = layers.get(number);
  layers.delete(number);
  if (layer?.own === true) await layer.session.release();
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

async function find({ layer, feeds, rows }: OnnxJob & { kind: 'find' }): Promise<unknown> {
  const { session, search, outputs } = loaded(layer) as SearchedLayer;
  const place = search.place?.subarray(0, rows * outputs);
  const fetches = place && toTensors(started(), { y: { type: 'float32', data: place, dims: [rows, outputs] } });
  const { y } = await session.run(toTensors(started(), feeds), fetches);
  const { data } = y;
  const candidates = search.among(place ?? (data as Float32Array), rows);
  // A copy, even of outputs that are written to a place given. Left to be collected, copies cost more than the copying.
  if (data.buffer instanceof ArrayBuffer && data.buffer !== place?.buffer) release(data.buffer);
  const found: OnnxFound = { feeds, candidates };
  return move({ [valueSymbol]: found, [transferableSymbol]: [...buffersOf(feeds), ...memoryOf(candidates)] });
}

function memoryOf({ indptr, indices, values }: Candidates): ArrayBuffer[] {
  return [indptr, indices, values].map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
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
