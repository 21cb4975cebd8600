import { bundleFromHandle, type BundleHandle } from '../bundle/handle.js';
import type { Bundle } from '../bundle/bundle.js';
import { DiscernError } from '../errors.js';
import type { Backend, BackendName } from '../kernels/backend.js';
import { chooseBackend, chooseFallback } from '../kernels/backends.js';
import { createEncoder, type Encoder } from '../kernels/encode.js';
import type { SparseCodes } from '../kernels/matrix.js';
import { familyNamed } from '../metrics/index.js';
import type { PreparedTensors } from '../metrics/metric.js';
import { seedProducts } from '../metrics/products.js';
import { inferenceForm } from '../sae/inference-form.js';
import { readSae } from '../sae/readers.js';
import type { CheckpointLimits, CheckpointSource } from '../sae/checkpoint.js';
import { withoutEncoder, type EncodedSae } from '../sae/sae.js';
import { SharedGarbage, sharedBytes } from './shared-garbage.js';
import { answer, type ThreadResult } from './thread-result.js';

/**
 * The thread that owns the compute backend. Weights are read once, stay with the backend while a checkpoint is in
 * work, and every row set is encoded from there. It runs one job at a time, in order.
 */
export type EncoderJob =
  /** Starts the backend. */
  | { readonly kind: 'start'; readonly backend: BackendName | 'auto' }
  /** Starts the next backend, unless another job already did: the one of `generation` failed. */
  | { readonly kind: 'fallBack'; readonly generation: number; readonly reason: string }
  /** Reads a checkpoint's weights and hands them to the backend. */
  | {
      readonly kind: 'open';
      readonly id: number;
      readonly source: CheckpointSource;
      readonly limits: CheckpointLimits;
      readonly bundle: BundleHandle;
    }
  /** Encodes a data set, or the corpus when `set` is null. */
  | { readonly kind: 'encode'; readonly id: number; readonly set: string | null }
  /** Multiplies the decoder with the directions of what a family prepared. */
  | {
      readonly kind: 'multiply';
      readonly id: number;
      readonly family: string;
      readonly prepared: ReadonlyMap<number, PreparedTensors>;
    }
  /** Lets go of a checkpoint. */
  | { readonly kind: 'close'; readonly id: number };

export interface StartedBackend {
  readonly backend: BackendName;
  readonly description: string;
  /** How many backends were given up before this one. */
  readonly generation: number;
}

export interface EncoderAnswers {
  start: StartedBackend;
  /** null: there is no other */
  fallBack: StartedBackend | null;
  open: EncodedSae;
  encode: SparseCodes;
  /** By seed. */
  multiply: ReadonlyMap<number, readonly Float32Array[]>;
  close: null;
}

interface OpenCheckpoint {
  readonly bundle: Bundle;
  readonly sae: EncodedSae;
  readonly encoder: Encoder;
  /** Of the encoder's weights, as the checkpoint has them; the backend's take about as many. */
  readonly weightBytes: number;
  readonly codes: Map<string | null, SparseCodes>;
}

let backend: Backend | undefined;
let preference: BackendName | 'auto' = 'auto';
const failed = new Map<BackendName, string>();
const checkpoints = new Map<number, OpenCheckpoint>();
const garbage = new SharedGarbage();

export default function handle(job: EncoderJob): Promise<ThreadResult<EncoderAnswers[EncoderJob['kind']]>> {
  return answer(() => run(job));
}

async function run(job: EncoderJob): Promise<EncoderAnswers[EncoderJob['kind']]> {
  switch (job.kind) {
    case 'start':
      return start(job);
    case 'fallBack':
      return fallBack(job);
    case 'open':
      return open(job);
    case 'encode':
      return encode(checkpoint(job.id), job.set);
    case 'multiply':
      return multiply(job);
    case 'close':
      return close(job.id);
  }
}

async function start(job: EncoderJob & { kind: 'start' }): Promise<StartedBackend> {
  preference = job.backend;
  backend ??= await chooseBackend(preference);
  return started(backend);
}

async function fallBack({ generation, reason }: EncoderJob & { kind: 'fallBack' }): Promise<StartedBackend | null> {
  const broken = startedBackend();
  if (failed.size > generation) return started(broken);
  const next = await chooseFallback(preference, new Map(failed).set(broken.name, `failed: ${reason}`));
  if (next === undefined) return null;
  failed.set(broken.name, `failed: ${reason}`);
  backend = next;
  // What is broken may not close either; nothing depends on it any more.
  await broken.close().catch(() => undefined);
  return started(next);
}

function started({ name, description }: Backend): StartedBackend {
  return { backend: name, description, generation: failed.size };
}

/** What the backend has is let go of before rows are encoded: the encoder's weights are half of a checkpoint. */
async function open(job: EncoderJob & { kind: 'open' }): Promise<EncodedSae> {
  const checkpoint = await openEncoder(job);
  checkpoints.set(job.id, checkpoint);
  garbage.leave(checkpoint.weightBytes);
  return checkpoint.sae;
}

async function openEncoder(job: EncoderJob & { kind: 'open' }): Promise<OpenCheckpoint> {
  const bundle = bundleFromHandle(job.bundle);
  const sae = inferenceForm(await readSae(job.source, job.limits));
  if (sae.dIn !== bundle.dIn)
    throw new DiscernError(
      'DIMENSION_MISMATCH',
      `${job.source.weights}: d_in is ${sae.dIn}, bundle ${bundle.name} has rows of ${bundle.dIn} (${bundle.model}, ${bundle.hook})`,
      { hint: 'Evaluate the checkpoint on a bundle of its own model and hook point.' },
    );
  const weightBytes = sae.encoder.data.byteLength;
  const encoder = await createEncoder(startedBackend(), sae);
  return { bundle, sae: withoutEncoder(sae), encoder, weightBytes, codes: new Map() };
}

async function encode(open: OpenCheckpoint, set: string | null): Promise<SparseCodes> {
  const known = open.codes.get(set);
  if (known !== undefined) return known;
  const rows = set === null ? open.bundle.corpus : open.bundle.datasets.get(set)?.activations;
  if (rows === undefined)
    throw new DiscernError('BUNDLE_INVALID', `bundle ${open.bundle.name} has no data set ${set ?? ''}`);
  const codes = await open.encoder.encode(rows);
  open.codes.set(set, codes);
  return codes;
}

async function multiply(job: EncoderJob & { kind: 'multiply' }): Promise<EncoderAnswers['multiply']> {
  const { sae } = checkpoint(job.id);
  const { preparation } = familyNamed(job.family);
  if (preparation === undefined) throw new DiscernError('EVALUATION_FAILED', `${job.family} has nothing to multiply`);
  return seedProducts(startedBackend(), sae, preparation, job.prepared);
}

async function close(id: number): Promise<null> {
  const open = checkpoints.get(id);
  checkpoints.delete(id);
  if (open === undefined) return null;
  await open.encoder.close();
  garbage.leave(open.weightBytes + sharedBytes({ sae: open.sae, codes: open.codes }));
  return null;
}

function startedBackend(): Backend {
  if (backend === undefined)
    throw new DiscernError('EVALUATION_FAILED', 'the encoder thread was restarted and has no backend yet');
  return backend;
}

function checkpoint(id: number): OpenCheckpoint {
  const open = checkpoints.get(id);
  if (open === undefined)
    throw new DiscernError('EVALUATION_FAILED', 'the encoder thread was restarted while the checkpoint was in work');
  return open;
}
