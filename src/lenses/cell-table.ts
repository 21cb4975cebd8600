import type { Added } from './audit-score.js';
import { CheckpointCells, type Cell } from './checkpoint-cells.js';
import { CommonParts } from './common-parts.js';

/**
 * The cells of one (panel, metric, param). Its size is the number of distinct (run, step, seed), however many records
 * brought them.
 */
export class CellTable {
  private readonly runs = new Map<string, Map<number, CheckpointCells>>();
  private readonly common = new CommonParts();

  put(run: string, step: number, cell: Cell): Exclude<Added, 'other_bundle'> {
    return this.checkpoint(run, step).put(cell);
  }

  /** The cells of a checkpoint, to put one in. */
  checkpoint(run: string, step: number): CheckpointCells {
    let steps = this.runs.get(run);
    if (steps === undefined) this.runs.set(run, (steps = new Map<number, CheckpointCells>()));
    let checkpoint = steps.get(step);
    if (checkpoint === undefined) steps.set(step, (checkpoint = new CheckpointCells(run, step, this.common)));
    return checkpoint;
  }

  /** Removes and returns the cells measured on this bundle. */
  take(bundle: string): CellTable {
    const taken = new CellTable();
    for (const [run, steps] of this.runs) {
      for (const [step, checkpoint] of steps) {
        for (const cell of checkpoint.take(bundle)) taken.put(run, step, cell);
        if (checkpoint.isEmpty) steps.delete(step);
      }
      if (steps.size === 0) this.runs.delete(run);
    }
    return taken;
  }

  *checkpoints(): Generator<CheckpointCells> {
    for (const steps of this.runs.values()) yield* steps.values();
  }

  get isEmpty(): boolean {
    return this.runs.size === 0;
  }
}
