import type { Added } from './audit-score.js';
import type { CommonParts } from './common-parts.js';
import { SeedScores } from './seed-scores.js';

/** One cell of the table: the value under (run, step, metric, param, seed). */
export interface Cell {
  readonly seed: number | null;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly evaluatedAt: number;
  /** Absent for imported scores, which fit any bundle. */
  readonly bundle: string | undefined;
}

/** Numbers of a cell in the list of them: its seed (NaN for none), its value, when it was evaluated, and that of its bundle. */
const [SEED, VALUE, EVALUATED_AT, BUNDLE, NUMBERS] = [0, 1, 2, 3, 4];

/**
 * The cells of one checkpoint in one metric. Which of two values under one identity stands does not depend on their
 * order: the one evaluated later, then the larger.
 */
export class CheckpointCells {
  /** Of all cells in one list: the garbage collector has a few objects to look through, not several for each score. */
  private numbers: number[] = [];
  private scores: SeedScores | undefined;

  constructor(
    readonly run: string,
    readonly step: number,
    private readonly common: CommonParts,
  ) {}

  get isEmpty(): boolean {
    return this.numbers.length === 0;
  }

  /** Whether the scores have changed since anyone read them: whoever depends on them has then been told already. */
  get isUnread(): boolean {
    return this.scores === undefined && !this.isEmpty;
  }

  all(): readonly Cell[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index));
  }

  put(cell: Cell): Exclude<Added, 'other_bundle'> {
    const { length } = this;
    let index = 0;
    while (index < length && this.compare(index, cell) < 0) index++;
    if (index === length || this.compare(index, cell) !== 0) {
      // Number by number: every score comes this way, and need not make a list first.
      const bundle = this.common.numberOf(cell.bundle);
      this.numbers.splice(index * NUMBERS, 0, cell.seed ?? NaN, cell.value, cell.evaluatedAt, bundle);
      this.scores = undefined;
      return 'added';
    }
    const held = this.at(index);
    if (!stands(cell, held)) return cell.value === held.value ? 'duplicate' : 'outdated';
    this.numbers[index * NUMBERS + VALUE] = cell.value;
    this.numbers[index * NUMBERS + EVALUATED_AT] = cell.evaluatedAt;
    if (cell.value === held.value) return 'duplicate';
    this.scores = undefined;
    return 'replaced';
  }

  /** What stands under the identity of a cell. */
  standing(cell: Pick<Cell, 'seed' | 'bundle'>): Cell | undefined {
    for (let index = 0; index < this.length; index++) if (this.compare(index, cell) === 0) return this.at(index);
    return undefined;
  }

  /** Removes and returns what was measured on this bundle. */
  take(bundle: string): Cell[] {
    const cells = this.all();
    const left = cells.filter((cell) => cell.bundle !== bundle);
    this.numbers = left.flatMap((cell) => this.numbersOf(cell));
    this.scores = undefined;
    return cells.filter((cell) => cell.bundle === bundle);
  }

  /** What the statistics see: one value a seed. */
  get bySeed(): SeedScores {
    this.scores ??= scoresBySeed(this.all(), this.common);
    return this.scores;
  }

  private get length(): number {
    return this.numbers.length / NUMBERS;
  }

  private numbersOf({ seed, value, evaluatedAt, bundle }: Cell): [number, number, number, number] {
    return [seed ?? NaN, value, evaluatedAt, this.common.numberOf(bundle)];
  }

  private at(index: number): Cell {
    const { numbers } = this;
    const start = index * NUMBERS;
    const seed = numbers[start + SEED];
    return {
      seed: Number.isNaN(seed) ? null : seed,
      value: numbers[start + VALUE],
      evaluatedAt: numbers[start + EVALUATED_AT],
      bundle: this.common.bundle(numbers[start + BUNDLE]),
    };
  }

  /** A seed has at most one cell of the panel's bundle and one without a bundle, in this order; first those without a seed. */
  private compare(index: number, { seed, bundle }: Pick<Cell, 'seed' | 'bundle'>): number {
    const held = this.numbers[index * NUMBERS + SEED];
    if (held === seed || (seed === null && Number.isNaN(held))) {
      const heldBundle = this.common.bundle(this.numbers[index * NUMBERS + BUNDLE]);
      return Number(heldBundle === undefined) - Number(bundle === undefined);
    }
    return (Number.isNaN(held) ? -Infinity : held) - (seed ?? -Infinity);
  }
}

function stands(candidate: Cell, held: Cell): boolean {
  if (candidate.evaluatedAt !== held.evaluatedAt) return candidate.evaluatedAt > held.evaluatedAt;
  return candidate.value > held.value;
}

/** Values without a seed count only where there are none with one: they are no repetition of the others. */
function scoresBySeed(cells: readonly Cell[], common: CommonParts): SeedScores {
  const seeded = cells.filter((cell) => cell.seed !== null);
  const chosen: Cell[] = [];
  for (const cell of seeded.length > 0 ? seeded : cells) {
    const last = chosen.at(-1);
    if (last === undefined || last.seed !== cell.seed) chosen.push(cell);
    else if (stands(cell, last)) chosen[chosen.length - 1] = cell;
  }
  const seeds = common.seeds(chosen.map(({ seed }) => seed));
  return new SeedScores(
    seeds,
    chosen.map(({ value }) => value),
  );
}
