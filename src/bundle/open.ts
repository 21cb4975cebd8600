import { openSafetensors } from '../tensors/safetensors.js';
import type { TensorFile } from '../tensors/tensor-file.js';
import type { Bundle } from './bundle.js';
import { BUNDLE_CODES, readActivations, readLabels } from './bundle-tensors.js';
import { pathInBundle, readDescription } from './description.js';
import { bundleDigest } from './digest.js';
import { readGroundTruth } from './ground-truth.js';
import { bundleFromHandle, type DatasetHandle } from './handle.js';
import type { BundleDescription } from './schema.js';

/**
 * Opens a bundle's folder (contract §4). Its tensors are read into shared memory as they are stored, and checked:
 * shapes against the description, activations for being finite, labels for being 1, 0 or −1.
 *
 * @throws DiscernError BUNDLE_INVALID, naming the file and the key or tensor; BUNDLE_EMPTY
 */
export async function openBundle(dir: string): Promise<Bundle> {
  const description = await readDescription(dir);
  const { name, model, hook, d_in: dIn, corpus, ground_truth: truth, tasks } = description;
  const rows = await reading(dir, corpus.file, (file) => readActivations(file, corpus.tensor, corpus.rows, dIn));
  const datasets: DatasetHandle[] = [];
  for (const dataset of description.datasets) datasets.push(await readDataset(dir, dataset, dIn));
  const groundTruth =
    truth === undefined
      ? undefined
      : await reading(dir, truth.file, (file) => readGroundTruth(file, truth.n_features, truth.rows, dIn));
  const digest = await bundleDigest(dir, description);
  return bundleFromHandle({
    name,
    model,
    hook,
    dIn,
    digest,
    tasks,
    datasets,
    corpus: rows,
    ...(groundTruth === undefined ? {} : { groundTruth }),
  });
}

function readDataset(dir: string, dataset: BundleDescription['datasets'][number], dIn: number): Promise<DatasetHandle> {
  return reading(dir, dataset.file, async (file) => {
    const labels = new Map<string, Int8Array>();
    for (const label of dataset.labels) labels.set(label, await readLabels(file, `label.${label}`, dataset.rows));
    return { name: dataset.name, activations: await readActivations(file, 'activations', dataset.rows, dIn), labels };
  });
}

async function reading<T>(dir: string, file: string, read: (file: TensorFile) => Promise<T>): Promise<T> {
  const tensors = await openSafetensors(pathInBundle(dir, file), BUNDLE_CODES);
  try {
    return await read(tensors);
  } finally {
    await tensors.close();
  }
}
