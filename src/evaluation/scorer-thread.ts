import { bundleFromHandle, type BundleHandle } from '../bundle/handle.js';
import type { Backend } from '../kernels/backend.js';
import { chooseBackend } from '../kernels/backends.js';
import type { SparseCodes } from '../kernels/matrix.js';
import { familyNamed } from '../metrics/index.js';
import type { PreparedTensors, Score, SkippedTask } from '../metrics/metric.js';
import type { EncodedSae } from '../sae/sae.js';
import { collectGarbage } from './collect-garbage.js';
import { prepare, type PrepareAnswer, type PrepareJob } from './prepare.js';
import { answer, type ThreadResult } from './thread-result.js';

/** A unit of a checkpoint whose codes are there. Weights, codes and bundle lie in shared memory. */
export interface ScorerJob {
  readonly kind: 'score';
  /** Of the checkpoint; later ones have larger numbers. */
  readonly id: number;
  readonly family: string;
  readonly index: number;
  readonly seeds: readonly number[];
  readonly sae: EncodedSae;
  readonly bundle: BundleHandle;
  /** Codes of the row set that the unit's task reads. */
  readonly codes: SparseCodes;
  /** By seed, what the family's preparation made; absent for a family that has none. */
  readonly prepared?: ReadonlyMap<number, PreparedTensors>;
  /** By seed, products of the decoder's rows with the family's directions; absent for a family that has none. */
  readonly products?: ReadonlyMap<number, readonly Float32Array[]>;
}

export interface ScorerAnswers {
  score: readonly (Score | SkippedTask)[];
  prepare: PrepareAnswer;
}

let fallback: Promise<Backend> | undefined;
let newest = -1;

/** A thread that scores units that need no compute backend of their own, and prepares what they need. */
export default function handle(job: ScorerJob | PrepareJob): Promise<ThreadResult<ScorerAnswers[keyof ScorerAnswers]>> {
  return answer<ScorerAnswers[keyof ScorerAnswers]>(() => (job.kind === 'prepare' ? prepare(job) : score(job)));
}

async function score(job: ScorerJob): Promise<readonly (Score | SkippedTask)[]> {
  releaseEarlier(job.id);
  const bundle = bundleFromHandle(job.bundle);
  const family = familyNamed(job.family);
  const task = family.tasks(bundle)[job.index];
  const codes = () => Promise.resolve(job.codes);
  fallback ??= chooseBackend('cpu');
  return family.score(task, {
    sae: job.sae,
    bundle,
    backend: await fallback,
    seeds: job.seeds,
    codes: { corpus: codes, dataset: codes },
    ...(job.prepared === undefined ? {} : { prepared: job.prepared }),
    ...(job.products === undefined ? {} : { products: job.products }),
  });
}

/** When the first unit of a checkpoint comes, those before it can be let go of. */
function releaseEarlier(id: number): void {
  if (id <= newest) return;
  newest = id;
  collectGarbage();
}
