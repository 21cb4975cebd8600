import { setImmediate } from 'node:timers/promises';
import { DiscernError } from '../errors.js';
import type { Sae } from '../sae/sae.js';
import type { Backend, Linear } from './backend.js';
import { CodesBuilder } from './codes-builder.js';
import { transformRows } from './input-transform.js';
import type { RowSource, SparseCodes } from './matrix.js';
import { assertFinite, safeNorm } from './overflow.js';
import { pickerFor } from './picks/index.js';
import type { Picker, PreActivations } from './picks/picker.js';

/** An SAE whose encoder's weights lie with a backend. */
export interface Encoder {
  /**
   * Active latents of rows of model activations: z = activation((transform(x) · W_enc + b_enc) · latentScale).
   * Rows are taken in tiles, so dense codes of a whole row set never exist, and the event loop gets its turn between
   * tiles. Calls that overlap run one after the other.
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

export async function createEncoder(backend: Backend, sae: Sae): Promise<Encoder> {
  const linear = await backend.linear(sae.encoder, sae.encoderBias);
  const tiles = new TileEncoder(sae, linear);
  // The backend's output is valid until its next call, so encodings take turns.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    encode(rows, signal) {
      const encoding = turn.then(() => encodeRows(sae, tiles, rows, signal));
      turn = encoding.catch(() => undefined);
      return encoding;
    },
    async close() {
      await turn;
      await linear.close();
    },
  };
}

async function encodeRows(
  sae: Sae,
  tiles: TileEncoder,
  rows: RowSource,
  signal: AbortSignal | undefined,
): Promise<SparseCodes> {
  if (rows.cols !== sae.dIn)
    throw new DiscernError('DIMENSION_MISMATCH', `the rows have ${rows.cols} columns, the SAE's d_in is ${sae.dIn}`);
  const codes = new CodesBuilder(rows.rows, sae.dSae);
  const tile = new Float32Array(Math.min(tiles.rows, rows.rows) * sae.dIn);
  for (let start = 0; start < rows.rows; start += tiles.rows) {
    signal?.throwIfAborted();
    const count = Math.min(tiles.rows, rows.rows - start);
    rows.read(start, count, tile);
    await tiles.encode(tile, start, count, codes);
    await setImmediate();
  }
  return codes.build();
}

/** Encodes one tile of rows at a time. */
class TileEncoder {
  /** Rows of a tile. */
  readonly rows: number;
  private readonly pick: Picker;
  private readonly safeNorm: number;

  constructor(
    private readonly sae: Sae,
    private readonly linear: Linear,
  ) {
    this.rows = linear.tileRows;
    this.pick = pickerFor(sae);
    this.safeNorm = safeNorm(sae);
  }

  /** @param x [≥ count, d_in], overwritten */
  async encode(x: Float32Array, firstRow: number, count: number, codes: CodesBuilder): Promise<void> {
    const norms = transformRows(this.sae.input, x, count, this.sae.dIn, firstRow);
    const values = await this.linear.apply(x, count);
    if (this.sae.latentScale !== undefined) scaleLatents(values, count, this.sae.latentScale);
    const pre = { values, bits: new Int32Array(values.buffer, values.byteOffset, values.length) };
    for (let r = 0; r < count; r++) this.encodeRow(pre, r, norms[r] <= this.safeNorm, firstRow + r, codes);
    codes.endTile();
  }

  private encodeRow(pre: PreActivations, r: number, safe: boolean, row: number, codes: CodesBuilder): void {
    const start = r * this.sae.dSae;
    const first = codes.length;
    if (!safe) assertFinite(pre.values.subarray(start, start + this.sae.dSae), 'the pre-activation of latent', row);
    codes.reserveRow();
    this.pick(pre, start, codes);
    if (!safe) assertFinite(codes.values.subarray(first, codes.length), 'the activation at position', row);
    codes.endRow();
  }
}

function scaleLatents(values: Float32Array, rows: number, scale: Float32Array): void {
  const latents = scale.length;
  for (let r = 0; r < rows; r++) {
    const start = r * latents;
    for (let j = 0; j < latents; j++) values[start + j] = values[start + j] * scale[j];
  }
}
