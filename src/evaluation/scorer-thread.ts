import { bundleFromHandle, type BundleHandle } from '../bundle/handle.js';
import { DiscernError } from '../errors.js';
import type { SparseCodes } from '../kernels/matrix.js';
import { familyNamed } from '../metrics/index.js';
import type { MetricContext, PreparedTensors, RowBlock, RowSums, Score, SkippedTask } from '../metrics/metric.js';
import type { EncodedSae } from '../sae/sae.js';
import { prepare, type PrepareAnswer, type PrepareJob } from './prepare.js';
import { SharedGarbage } from './shared-garbage.js';
import { answer, type ThreadResult } from './thread-result.js';

/** A unit of a checkpoint whose codes are there. Weights, codes and bundle lie in shared memory. */
export interface ScoringInputs {
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

export type ScorerJob =
  | ({ readonly kind: 'score' } & ScoringInputs)
  /** Sums over some rows of a unit whose scores follow from such sums. */
  | ({ readonly kind: 'sum'; readonly block: RowBlock } & ScoringInputs)
  | PrepareJob;

export interface ScorerAnswers {
  score: readonly (Score | SkippedTask)[];
  sum: RowSums;
  prepare: PrepareAnswer;
}

const garbage = new SharedGarbage();
let newest = -1;

/** A thread that scores units, or parts of them, and prepares what they need. */
export default function handle(job: ScorerJob): Promise<ThreadResult<ScorerAnswers[ScorerJob['kind']]>> {
  return answer(() => run(job));
}

async function run(job: ScorerJob): Promise<ScorerAnswers[ScorerJob['kind']]> {
  if (job.kind === 'prepare') return prepare(job);
  releaseEarlier(job);
  const family = familyNamed(job.family);
  const context = contextOf(job);
  const task = family.tasks(context.bundle)[job.index];
  if (job.kind === 'score') return family.score(task, context);
  if (family.overRows === undefined) throw new DiscernError('EVALUATION_FAILED', `${job.family} has no sums over rows`);
  return family.overRows.sums(task, job.block, context);
}

function contextOf(job: ScoringInputs): MetricContext {
  const codes = () => Promise.resolve(job.codes);
  return {
    sae: job.sae,
    bundle: bundleFromHandle(job.bundle),
    seeds: job.seeds,
    codes: { corpus: codes, dataset: codes },
    ...(job.prepared === undefined ? {} : { prepared: job.prepared }),
    ...(job.products === undefined ? {} : { products: job.products }),
  };
}

/** When the first unit of a checkpoint comes, those before it can be let go of. */
function releaseEarlier({ id, sae, codes }: ScoringInputs): void {
  if (id <= newest) return;
  garbage.letGo(newest);
  newest = id;
  // Codes of further row sets are left out: each message has its own references to the same memory.
  garbage.take(id, { sae, codes });
}
