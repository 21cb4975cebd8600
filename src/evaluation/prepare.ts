import { bundleFromHandle, type BundleHandle } from '../bundle/handle.js';
import { asDiscernError, DiscernError } from '../errors.js';
import { familyNamed } from '../metrics/index.js';
import type { PreparedTensors } from '../metrics/metric.js';
import { allocateShared } from '../tensors/shared-tensor.js';
import { PreparedCache, type PreparedCacheSettings, type PreparedIdentity } from './prepared-cache.js';

/** A task and a seed of a family that prepares. */
export interface PrepareJob {
  readonly kind: 'prepare';
  readonly family: string;
  /** Position of the task among the family's tasks. */
  readonly index: number;
  readonly seed: number;
  readonly bundle: BundleHandle;
  /** Absent: nothing is kept on disk. */
  readonly cache?: PreparedCacheSettings;
}

export interface PrepareAnswer {
  /** In shared memory. */
  readonly tensors: PreparedTensors;
  /** What was wrong with the cache; the tensors are right all the same. */
  readonly warnings: readonly string[];
}

/** Fetches what a task and a seed need from the cache, or makes it and keeps it there. */
export async function prepare(job: PrepareJob): Promise<PrepareAnswer> {
  const bundle = bundleFromHandle(job.bundle);
  const family = familyNamed(job.family);
  const { preparation } = family;
  if (preparation === undefined) throw new DiscernError('EVALUATION_FAILED', `${family.name} has nothing to prepare`);
  const task = family.tasks(bundle)[job.index];
  const identity = {
    bundle: bundle.digest,
    family: family.name,
    recipe: preparation.recipe,
    task,
    seed: job.seed,
  };
  const warnings: string[] = [];
  const cache = job.cache === undefined ? undefined : new PreparedCache(job.cache);
  const kept = await fetch(cache, identity, warnings);
  if (kept !== undefined) return { tensors: kept, warnings };
  const tensors = share(preparation.prepare(task, job.seed, bundle));
  await keep(cache, identity, tensors, warnings);
  return { tensors, warnings };
}

async function fetch(
  cache: PreparedCache | undefined,
  identity: PreparedIdentity,
  warnings: string[],
): Promise<PreparedTensors | undefined> {
  try {
    return await cache?.read(identity);
  } catch (error) {
    warnings.push(`${asDiscernError(error, 'TENSOR_FILE_INVALID').message}; it is made again`);
    return undefined;
  }
}

async function keep(
  cache: PreparedCache | undefined,
  identity: PreparedIdentity,
  tensors: PreparedTensors,
  warnings: string[],
): Promise<void> {
  try {
    await cache?.write(identity, tensors);
  } catch (error) {
    warnings.push(`probes are not kept: ${asDiscernError(error, 'TENSOR_FILE_INVALID').message}`);
  }
}

function share(tensors: PreparedTensors): PreparedTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const shared = new Float32Array(allocateShared(data.byteLength, name));
      shared.set(data);
      return [name, { shape, data: shared }];
    }),
  );
}
