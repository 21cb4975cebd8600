import { TensorRows, shareRows } from '../tensors/rows.js';
import { allocateShared, type SharedTensor } from '../tensors/shared-tensor.js';
import type { Bundle, Dataset, GroundTruth, Task } from './bundle.js';
import { decodeGroundTruth, type StoredGroundTruth } from './ground-truth.js';

/**
 * A bundle in a form that can be posted to a worker thread. The tensors lie in shared memory: posting copies none of
 * them, and every thread reads the same.
 */
export interface BundleHandle {
  readonly name: string;
  readonly model: string;
  readonly hook: string;
  readonly dIn: number;
  readonly digest: string;
  readonly corpus: SharedTensor;
  readonly datasets: readonly DatasetHandle[];
  readonly tasks: readonly Task[];
  readonly groundTruth?: StoredGroundTruth;
}

export interface DatasetHandle {
  readonly name: string;
  readonly activations: SharedTensor;
  readonly labels: ReadonlyMap<string, Int8Array>;
}

/** The handles that bundles of this thread were made from. */
const handles = new WeakMap<Bundle, BundleHandle>();

/** The handle of a bundle. A bundle that was not made from one has its rows copied to shared memory. */
export function bundleHandle(bundle: Bundle): BundleHandle {
  let handle = handles.get(bundle);
  if (handle === undefined) {
    handle = share(bundle);
    handles.set(bundle, handle);
  }
  return handle;
}

/** The bundle behind a handle, in any thread. */
export function bundleFromHandle(handle: BundleHandle): Bundle {
  const { name, model, hook, dIn, digest, tasks, groundTruth } = handle;
  const bundle: Bundle = {
    name,
    model,
    hook,
    dIn,
    digest,
    tasks,
    corpus: new TensorRows(handle.corpus),
    datasets: new Map(handle.datasets.map((dataset) => [dataset.name, datasetFrom(dataset)])),
    ...(groundTruth === undefined ? {} : { groundTruth: onDemand(groundTruth) }),
  };
  handles.set(bundle, handle);
  return bundle;
}

function datasetFrom({ name, activations, labels }: DatasetHandle): Dataset {
  const rows = new TensorRows(activations);
  return { name, rows: rows.rows, activations: rows, labels };
}

function onDemand(stored: StoredGroundTruth): () => GroundTruth {
  let decoded: GroundTruth | undefined;
  return () => (decoded ??= decodeGroundTruth(stored));
}

function share(bundle: Bundle): BundleHandle {
  const { name, model, hook, dIn, digest, tasks, corpus, datasets, groundTruth } = bundle;
  return {
    name,
    model,
    hook,
    dIn,
    digest,
    tasks,
    corpus: shareRows(corpus),
    datasets: [...datasets.values()].map(({ name, activations, labels }) => ({
      name,
      activations: shareRows(activations),
      labels,
    })),
    ...(groundTruth === undefined ? {} : { groundTruth: shareGroundTruth(groundTruth()) }),
  };
}

function shareGroundTruth({ features, indptr, indices, values }: GroundTruth): StoredGroundTruth {
  return {
    features: { dtype: 'F32', shape: [features.rows, features.cols], data: shareArray(features.data) },
    indptr: { dtype: 'U32', shape: [indptr.length], data: shareArray(indptr) },
    indices: { dtype: 'U32', shape: [indices.length], data: shareArray(indices) },
    values: { dtype: 'F32', shape: [values.length], data: shareArray(values) },
  };
}

function shareArray(array: Float32Array | Uint32Array): SharedArrayBuffer {
  const data = allocateShared(array.byteLength, 'ground truth');
  new Uint8Array(data).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return data;
}
