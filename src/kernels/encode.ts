import { setImmediate } from 'node:timers/promises';
import { DiscernError } from '../errors.js';
import { withoutEncoder, type EncodedSae, type Sae } from '../sae/sae.js';
import type { Backend } from './backend.js';
import { CodesBuilder } from './codes-builder.js';
import { InputRows, type TransformedRows } from './input-transform.js';
import type { RowSource, SparseCodes } from './matrix.js';
import { createTileEncoder, type PickTile, type Tile, type TileEncoder } from './tile-encoder.js';

/** An SAE whose encoder's weights lie with a backend. */
export interface Encoder {
  /**
   * Active latents of rows of model activations: z = activation((transform(x) · W_enc + b_enc) · latentScale).
   * Rows are taken in tiles, so dense codes of a whole row set never exist, and the event loop gets its turn between
   * tiles, or while other threads read and encode them. Calls that overlap run one after the other.
   *
   * @param rows [rows, d_in]
   * @returns codes in shared memory
   * @throws DiscernError DIMENSION_MISMATCH when the rows are of another width; EVALUATION_FAILED, naming the row, when
   * one or its pre-activations are not finite; BACKEND_FAILED
   * @throws the signal's reason when it is aborted
   */
  encode(rows: RowSource, signal?: AbortSignal): Promise<SparseCodes>;
  /** Lets go of the weights. An encoding in work is finished first. */
  close(): Promise<void>;
}

/** The encoder's weights are the backend's from then on: nothing here refers to those of the SAE. */
export async function createEncoder(backend: Backend, whole: Sae): Promise<Encoder> {
  const tiles = await createTileEncoder(backend, whole);
  const sae = withoutEncoder(whole);
  const input = new InputRows(sae.input, sae.dIn, tiles);
  // Encodings share the backend and its memory, so they take turns.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    encode(rows, signal) {
      const encoding = turn.then(() => encodeRows(sae, { input, tiles }, rows, signal));
      turn = encoding.catch(() => undefined);
      return encoding;
    },
    async close() {
      await turn;
      await tiles.close();
    },
  };
}

async function encodeRows(
  sae: EncodedSae,
  { input, tiles }: { readonly input: InputRows; readonly tiles: TileEncoder },
  rows: RowSource,
  signal: AbortSignal | undefined,
): Promise<SparseCodes> {
  if (rows.cols !== sae.dIn)
    throw new DiscernError('DIMENSION_MISMATCH', `the rows have ${rows.cols} columns, the SAE's d_in is ${sae.dIn}`);
  const codes = new CodesBuilder(rows.rows, sae.dSae);
  const all = tilesOf(rows, tiles.rows, input);
  const picks =
    rows.tensor === undefined || tiles.ofTensor === undefined
      ? oneByOne(tiles, all, signal)
      : tiles.ofTensor(rows.tensor, all, signal);
  for await (const pick of picks) pick(codes);
  return codes.build();
}

/** While the backend has one tile, the rows of the next are read and the active latents of the one before picked. */
async function* oneByOne(
  { start, inFlight }: TileEncoder,
  tiles: readonly Tile[],
  signal: AbortSignal | undefined,
): AsyncGenerator<PickTile> {
  const started: Promise<PickTile>[] = [];
  try {
    for (const tile of tiles) {
      signal?.throwIfAborted();
      if (started.length === inFlight) yield await started.shift()!;
      const starting = start(tile);
      // A failure is reported when the tile's turn comes.
      starting.catch(() => undefined);
      started.push(starting);
      await setImmediate();
    }
    while (started.length > 0) yield await started.shift()!;
  } finally {
    await Promise.allSettled(started);
  }
}

function tilesOf(rows: RowSource, tileRows: number, input: InputRows): readonly Tile[] {
  return Array.from({ length: Math.ceil(rows.rows / tileRows) }, (_, i) => {
    const firstRow = i * tileRows;
    const count = Math.min(tileRows, rows.rows - firstRow);
    let tile: TransformedRows | undefined;
    return { firstRow, count, read: () => (tile ??= input.read(rows, firstRow, count)) };
  });
}
