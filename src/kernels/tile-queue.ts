/** A tile of a row set. */
export interface QueuedTile {
  /** Its number, from 0. */
  readonly tile: number;
  readonly firstRow: number;
  readonly count: number;
}

/** The tiles of a row set, shared by threads: whoever is free takes the next. A thread makes its own of another's `state`. */
export class TileQueue {
  private readonly taken: Int32Array;

  constructor(
    readonly state: {
      readonly rows: number;
      /** Rows of a tile. */
      readonly tileRows: number;
      readonly taken: SharedArrayBuffer;
    },
  ) {
    this.taken = new Int32Array(state.taken);
  }

  static of(rows: number, tileRows: number): TileQueue {
    return new TileQueue({ rows, tileRows, taken: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) });
  }

  get length(): number {
    return Math.ceil(this.state.rows / this.state.tileRows);
  }

  /** @returns undefined when none is left */
  next(): QueuedTile | undefined {
    const { rows, tileRows } = this.state;
    const tile = Atomics.add(this.taken, 0, 1);
    const firstRow = tile * tileRows;
    return firstRow < rows ? { tile, firstRow, count: Math.min(tileRows, rows - firstRow) } : undefined;
  }

  /** Whoever asks for the next tile from now on gets none. */
  stop(): void {
    Atomics.store(this.taken, 0, this.length);
  }
}
