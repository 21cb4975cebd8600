/** A tile of a row set. */
export interface QueuedTile {
  readonly tile: number;
  readonly firstRow: number;
  readonly count: number;
}

/** Tiles that threads share among themselves: whoever is free takes the next. `state` is what makes it in another thread. */
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

  /** Leaves none. */
  stop(): void {
    Atomics.store(this.taken, 0, this.length);
  }
}
