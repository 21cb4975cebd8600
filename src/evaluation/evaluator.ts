import { bundleHandle, type BundleHandle } from '../bundle/handle.js';
import type { Bundle } from '../bundle/bundle.js';
import { DiscernError } from '../errors.js';
import type { SparseCodes } from '../kernels/matrix.js';
import type { MetricSelection } from '../metrics/index.js';
import type { PreparedTensors, Score, ScoresOverRows, SkippedTask } from '../metrics/metric.js';
import { addedUp, rowBlocks } from '../metrics/row-sums.js';
import type { CheckpointLimits, CheckpointSource } from '../sae/checkpoint.js';
import type { EncodedSae } from '../sae/sae.js';
import { taskMeans } from './means.js';
import { planEvaluation, setOf, type Plan, type Unit } from './plan.js';
import { Preparations } from './preparations.js';
import type { PreparedCacheSettings } from './prepared-cache.js';
import type { ScoringInputs } from './scorer-thread.js';
import type { EvaluationThreads } from './threads.js';

/** Everything one checkpoint scored. */
export interface Evaluation {
  /** Scores of each task, and their means (`task` null). */
  readonly scores: readonly Score[];
  /** Tasks that the bundle is too small for. */
  readonly skipped: readonly SkippedTask[];
  /** Digest of the bundle. */
  readonly bundle: string;
  /** Wall time in seconds by stage: read, encode, prepare, multiply, then each metric family. They overlap with each other. */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface EvaluatorSettings {
  readonly threads: Pick<EvaluationThreads, 'backend' | 'fallBack' | 'encode' | 'score'>;
  readonly bundle: Bundle;
  readonly metrics: MetricSelection;
  readonly seeds: readonly number[];
  readonly limits: CheckpointLimits;
  /** Where probes on model activations are kept from one process to the next; absent: nowhere. */
  readonly cache?: PreparedCacheSettings;
  /** Told what was wrong with the cache or the backend, in words. */
  readonly warn?: (message: string) => void;
}

export interface EvaluateOptions {
  /** Called as units finish. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Scores checkpoints on one bundle: each row set is encoded once, and every metric and seed is served from the codes.
 */
export class Evaluator {
  private readonly plan: Plan;
  private readonly handle: BundleHandle;
  private readonly preparations: Preparations;
  private static nextId = 0;

  /** @throws DiscernError METRIC_UNSUPPORTED when the bundle lacks what a metric needs */
  constructor(private readonly settings: EvaluatorSettings) {
    this.plan = planEvaluation(settings.bundle, settings.metrics);
    this.handle = bundleHandle(settings.bundle);
    const { threads, seeds, cache, warn = () => undefined } = settings;
    const kept = cache === undefined ? {} : { cache };
    this.preparations = new Preparations({ threads, bundle: this.handle, seeds, warn, ...kept });
  }

  /**
   * When the compute backend fails (a lost device, memory that ran out), the checkpoint is evaluated again on the next
   * one, which then serves all later checkpoints too.
   *
   * @throws DiscernError when the checkpoint cannot be read, is not finite, or does not fit the bundle; BACKEND_FAILED
   * when the backend failed and there is no other
   */
  async evaluate(source: CheckpointSource, options: EvaluateOptions = {}): Promise<Evaluation> {
    const { threads, warn = () => undefined } = this.settings;
    for (;;) {
      const { backend, generation } = await threads.backend();
      try {
        return await this.evaluateOnce(source, options);
      } catch (error) {
        if (!(error instanceof DiscernError) || error.code !== 'BACKEND_FAILED') throw error;
        const next = await threads.fallBack(generation, error.message);
        if (next === undefined) throw error;
        warn(`backend ${backend} failed; the checkpoint is evaluated again on ${next.description}`);
      }
    }
  }

  private async evaluateOnce(source: CheckpointSource, options: EvaluateOptions): Promise<Evaluation> {
    const { threads, limits } = this.settings;
    const id = Evaluator.nextId++;
    const clock = new StageClock();
    try {
      const sae = await clock.time('read', () =>
        threads.encode({ kind: 'open', id, source, limits, bundle: this.handle }),
      );
      const results = await this.scoreUnits(id, sae, clock, options);
      return this.summarise(results, clock);
    } finally {
      await threads.encode({ kind: 'close', id });
    }
  }

  /** Encodes set after set; the units of a set start as soon as its codes are there. */
  private async scoreUnits(
    id: number,
    sae: EncodedSae,
    clock: StageClock,
    options: EvaluateOptions,
  ): Promise<readonly (Score | SkippedTask)[]> {
    const { threads } = this.settings;
    let done = 0;
    const inputs = this.prepareUnits(id, clock);
    const running: Promise<readonly (Score | SkippedTask)[]>[] = [];
    for (const set of this.plan.sets) {
      const codes = await clock.time('encode', () => threads.encode({ kind: 'encode', id, set }));
      for (const unit of this.plan.units.filter((unit) => setOf(unit) === set)) {
        const scored = clock
          .time(unit.family.name, async () => this.scoreUnit(id, sae, codes, unit, await inputs.get(unit)))
          .finally(() => options.progress?.(++done, this.plan.units.length));
        // A failed unit is reported by Promise.all below, even when a later set is still being encoded.
        scored.catch(() => undefined);
        running.push(scored);
      }
    }
    return (await Promise.all(running)).flat();
  }

  /** Starts what is not prepared yet: the threads that score have nothing else to do before the first codes are there. */
  private prepareUnits(id: number, clock: StageClock): ReadonlyMap<Unit, Promise<UnitInputs>> {
    const started = new Map<Unit, Promise<UnitInputs>>();
    for (const unit of this.plan.units) {
      const prepared = this.preparations.of(unit);
      if (prepared === undefined) continue;
      const inputs = this.inputsOf(id, unit, prepared, clock);
      // Whoever scores the unit sees the failure.
      inputs.catch(() => undefined);
      started.set(unit, inputs);
    }
    return started;
  }

  private async inputsOf(
    id: number,
    { family }: Unit,
    preparing: Promise<Prepared>,
    clock: StageClock,
  ): Promise<UnitInputs> {
    const prepared = await clock.time('prepare', () => preparing);
    if (family.preparation?.directions === undefined) return { prepared };
    const job = { kind: 'multiply', id, family: family.name, prepared } as const;
    const products = await clock.time('multiply', () => this.settings.threads.encode(job));
    return { prepared, products };
  }

  private scoreUnit(
    id: number,
    sae: EncodedSae,
    codes: SparseCodes,
    unit: Unit,
    inputs: UnitInputs | undefined,
  ): Promise<readonly (Score | SkippedTask)[]> {
    const { threads, seeds } = this.settings;
    const { family, index } = unit;
    const job = { id, family: family.name, index, seeds, sae, codes, bundle: this.handle, ...inputs };
    return family.overRows === undefined
      ? threads.score({ kind: 'score', ...job })
      : this.scoreOverRows(unit, family.overRows, job);
  }

  /** Blocks of rows are summed by whichever threads are free. */
  private async scoreOverRows(
    { task }: Unit,
    overRows: ScoresOverRows,
    job: ScoringInputs,
  ): Promise<readonly (Score | SkippedTask)[]> {
    const { threads } = this.settings;
    const blocks = rowBlocks(job.codes).map((block) => threads.score({ kind: 'sum', block, ...job }));
    return overRows.scores(task, addedUp(await Promise.all(blocks)));
  }

  private summarise(results: readonly (Score | SkippedTask)[], clock: StageClock): Evaluation {
    const { metrics, bundle } = this.settings;
    const wanted = results.filter((result) => metrics.ids.has(result.metric));
    const scores = wanted.filter((result): result is Score => 'value' in result);
    const skipped = wanted.filter((result): result is SkippedTask => 'reason' in result);
    return {
      scores: [...scores, ...taskMeans(scores)],
      skipped,
      bundle: bundle.digest,
      seconds: clock.seconds,
    };
  }
}

/** By seed, what a unit's family prepared. */
type Prepared = ReadonlyMap<number, PreparedTensors>;

/** What a unit of a family that prepares needs besides codes. */
interface UnitInputs {
  readonly prepared: Prepared;
  /** By seed: see `Preparation.directions`. */
  readonly products?: ReadonlyMap<number, readonly Float32Array[]>;
}

/** Wall time by stage: from the first start of a stage to its last end. */
class StageClock {
  private readonly spans = new Map<string, { start: number; end: number }>();

  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const span = this.spans.get(stage) ?? { start: performance.now(), end: 0 };
    this.spans.set(stage, span);
    try {
      return await work();
    } finally {
      span.end = performance.now();
    }
  }

  get seconds(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.spans].map(([stage, span]) => [stage, (span.end - span.start) / 1000]));
  }
}
