import { move, transferableSymbol, valueSymbol } from 'piscina';
import { loadOnnxRuntime, type OnnxRuntime, type Session, type Tensor } from './onnxruntime-module.js';
import { buffersOf, toTensors, unshared, type TensorSpecs } from './onnx-tensors.js';

/**
 * The thread that onnxruntime-node runs in. Its `run` keeps the calling thread until it is done: here it keeps none that
 * has anything else to do.
 */
export type OnnxJob =
  | { readonly kind: 'start'; readonly threads: number }
  /** Starts a session, and keeps the inputs that are the same in every run. */
  | { readonly kind: 'load'; readonly layer: number; readonly model: Uint8Array; readonly weights: TensorSpecs }
  /** Outputs are written into the given tensors. These and the feeds are sent, and come back. */
  | { readonly kind: 'run'; readonly layer: number; readonly feeds: TensorSpecs; readonly outputs: TensorSpecs }
  | { readonly kind: 'drop'; readonly layer: number };

export interface OnnxRun {
  readonly feeds: TensorSpecs;
  readonly outputs: TensorSpecs;
}

interface Layer {
  readonly session: Session;
  readonly weights: Readonly<Record<string, Tensor>>;
}

const ERRORS_ONLY = 3;

let runtime: OnnxRuntime | undefined;
let threads = 1;
const sessions = new Map<string, Promise<Session>>();
const layers = new Map<number, Layer>();

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
      });
      return undefined;
    case 'run':
      return run(job);
    case 'drop':
      layers.delete(job.layer);
      return undefined;
  }
}

async function run({ layer, feeds, outputs }: OnnxJob & { kind: 'run' }): Promise<unknown> {
  const loaded = layers.get(layer);
  if (loaded === undefined) throw new Error('the thread of onnxruntime was started again and has lost its weights');
  const given = toTensors(started(), feeds);
  await loaded.session.run({ ...given, ...loaded.weights }, toTensors(started(), outputs));
  const result: OnnxRun = { feeds, outputs };
  return move({
    [valueSymbol]: result,
    [transferableSymbol]: buffersOf(feeds, outputs),
  });
}

/** One session serves all layers of a model. */
function sessionOf(model: Uint8Array): Promise<Session> {
  const key = Buffer.from(model).toString('latin1');
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const session = started().InferenceSession.create(model, {
    intraOpNumThreads: threads,
    logSeverityLevel: ERRORS_ONLY,
    // Idle threads would spin in wait of the next product and take the cores that score in the meantime.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  sessions.set(key, session);
  return session;
}

function started(): OnnxRuntime {
  if (runtime === undefined) throw new Error('the thread of onnxruntime was started again');
  return runtime;
}
