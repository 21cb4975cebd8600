import { Moments } from '../statistics/index.js';
import type { Added } from './audit-score.js';

/** One cell of the table: the value under (run, step, metric, param, seed). */
export interface Cell {
  readonly seed: number | null;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly evaluatedAt: number;
  /** Absent for imported scores, which fit any bundle. */
  readonly bundle: string | undefined;
}

/** The scores of one checkpoint by seed, in ascending order of the seed. */
export interface SeedScores {
  readonly seeds: readonly (number | null)[];
  readonly values: readonly number[];
  readonly moments: Moments;
}

/**
 * The cells of one checkpoint in one metric. Which of two values under one identity stands does not depend on their
 * order: the one evaluated later, then the larger.
 */
export class CheckpointCells {
  private cells: Cell[] = [];
  private scores: SeedScores | undefined;

  constructor(
    readonly run: string,
    readonly step: number,
  ) {}

  get isEmpty(): boolean {
    return this.cells.length === 0;
  }

  /** Whether the scores have changed since anyone read them: whoever depends on them has then been told already. */
  get isUnread(): boolean {
    return this.scores === undefined && this.cells.length > 0;
  }

  all(): readonly Cell[] {
    return this.cells;
  }

  put(cell: Cell): Exclude<Added, 'other_bundle'> {
    let index = 0;
    while (index < this.cells.length && compareIdentity(this.cells[index], cell) < 0) index++;
    const held = this.cells[index] as Cell | undefined;
    if (held === undefined || compareIdentity(held, cell) !== 0) {
      this.cells.splice(index, 0, cell);
      this.scores = undefined;
      return 'added';
    }
    if (!stands(cell, held)) return cell.value === held.value ? 'duplicate' : 'outdated';
    this.cells[index] = cell;
    if (cell.value === held.value) return 'duplicate';
    this.scores = undefined;
    return 'replaced';
  }

  /** What stands under the identity of a cell. */
  standing(cell: Pick<Cell, 'seed' | 'bundle'>): Cell | undefined {
    return this.cells.find((held) => compareIdentity(held, cell) === 0);
  }

  /** Removes and returns what was measured on this bundle. */
  take(bundle: string): Cell[] {
    const taken = this.cells.filter((cell) => cell.bundle === bundle);
    this.cells = this.cells.filter((cell) => cell.bundle !== bundle);
    this.scores = undefined;
    return taken;
  }

  /** What the statistics see: one value a seed. */
  get bySeed(): SeedScores {
    this.scores ??= scoresBySeed(this.cells);
    return this.scores;
  }
}

/** A seed has at most one cell of the panel's bundle and one without a bundle, in this order. */
function compareIdentity(a: Pick<Cell, 'seed' | 'bundle'>, b: Pick<Cell, 'seed' | 'bundle'>): number {
  if (a.seed !== b.seed) return (a.seed ?? -Infinity) - (b.seed ?? -Infinity);
  return Number(a.bundle === undefined) - Number(b.bundle === undefined);
}

function stands(candidate: Cell, held: Cell): boolean {
  if (candidate.evaluatedAt !== held.evaluatedAt) return candidate.evaluatedAt > held.evaluatedAt;
  return candidate.value > held.value;
}

/** Values without a seed count only where there are none with one: they are no repetition of the others. */
function scoresBySeed(cells: readonly Cell[]): SeedScores {
  const seeded = cells.filter((cell) => cell.seed !== null);
  const chosen: Cell[] = [];
  for (const cell of seeded.length > 0 ? seeded : cells) {
    const last = chosen.at(-1);
    if (last === undefined || last.seed !== cell.seed) chosen.push(cell);
    else if (stands(cell, last)) chosen[chosen.length - 1] = cell;
  }
  const values = chosen.map(({ value }) => value);
  return { seeds: chosen.map(({ seed }) => seed), values, moments: Moments.of(values) };
}
