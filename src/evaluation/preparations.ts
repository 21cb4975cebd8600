import type { BundleHandle } from '../bundle/handle.js';
import type { PreparedTensors } from '../metrics/metric.js';
import type { Unit } from './plan.js';
import type { PreparedCacheSettings } from './prepared-cache.js';
import type { EvaluationThreads } from './threads.js';

export interface PreparationsSettings {
  readonly threads: Pick<EvaluationThreads, 'score'>;
  readonly bundle: BundleHandle;
  readonly seeds: readonly number[];
  /** Absent: nothing is kept on disk. */
  readonly cache?: PreparedCacheSettings;
  /** Told what was wrong with the cache. */
  readonly warn: (message: string) => void;
}

type BySeed = ReadonlyMap<number, PreparedTensors>;

/**
 * What the units of a plan need whatever the SAE. Made once, by the scorer threads, and then kept in memory: every
 * checkpoint of a panel gets the same.
 */
export class Preparations {
  private readonly known = new Map<Unit, Promise<BySeed>>();

  constructor(private readonly settings: PreparationsSettings) {}

  /** @returns by seed; undefined for a unit whose family prepares nothing */
  of(unit: Unit): Promise<BySeed> | undefined {
    if (unit.family.preparation === undefined) return undefined;
    const known = this.known.get(unit);
    if (known !== undefined) return known;
    const prepared = this.prepare(unit);
    this.known.set(unit, prepared);
    // The next checkpoint tries again; this one's evaluation reports the failure.
    prepared.catch(() => this.known.delete(unit));
    return prepared;
  }

  private async prepare(unit: Unit): Promise<BySeed> {
    const { threads, bundle, seeds, cache, warn } = this.settings;
    const job = { kind: 'prepare', family: unit.family.name, index: unit.index, bundle } as const;
    const prepared = seeds.map(async (seed) => {
      const answer = await threads.score({ ...job, seed, ...(cache === undefined ? {} : { cache }) });
      answer.warnings.forEach(warn);
      return [seed, answer.tensors] as const;
    });
    return new Map(await Promise.all(prepared));
  }
}
