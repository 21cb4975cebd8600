import { momentsOf } from '../kernels/input-transform.js';
import type { RowSource, SparseCodes } from '../kernels/matrix.js';
import type { EncodedSae } from '../sae/sae.js';

/** Rows whose latents are ablated, and what probes say of them before. */
export interface AblationRows {
  readonly codes: SparseCodes;
  /** Row numbers of the codes. */
  readonly rows: Uint32Array;
  /** What an SAE's decoder makes of one unit of activation in each row: see `decodedUnits`. Absent: 1. */
  readonly units?: Float64Array;
  /** d_sae activations are divided by before they are decoded; absent: 1. */
  readonly latentScale?: Float32Array;
}

/** The activations that an ablation sets to 0, one after the other: what every probe's logits lose. */
export interface AblatedEntries {
  /** Of the ablation. */
  readonly rows: number;
  readonly stages: number;
  /** Position of the row among those of the ablation. */
  readonly row: Uint32Array;
  readonly latent: Uint32Array;
  /** Which of the ns is the first that ablates the latent. */
  readonly stage: Uint8Array;
  /** Activation as it is decoded. */
  readonly amount: Float64Array;
}

/**
 * One pass over the active latents serves every n and probe.
 *
 * @param latents in the order in which they are ablated
 * @param ns how many of them, ascending
 */
export function ablatedEntries(
  { codes, rows, units, latentScale }: AblationRows,
  latents: Uint32Array,
  ns: readonly number[],
): AblatedEntries {
  const { indptr, indices, values } = codes;
  const stageOf = stages(codes.latents, latents, ns);
  const most = rows.reduce((sum, row) => sum + indptr[row + 1] - indptr[row], 0);
  const entries = {
    row: new Uint32Array(most),
    latent: new Uint32Array(most),
    stage: new Uint8Array(most),
    amount: new Float64Array(most),
  };
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const unit = units?.[i] ?? 1;
    for (let e = indptr[rows[i]], end = indptr[rows[i] + 1]; e < end; e++) {
      const latent = indices[e];
      if (stageOf[latent] < 0) continue;
      entries.row[count] = i;
      entries.latent[count] = latent;
      entries.stage[count] = stageOf[latent];
      entries.amount[count] = (values[e] / (latentScale?.[latent] ?? 1)) * unit;
      count++;
    }
  }
  return {
    rows: rows.length,
    stages: ns.length,
    row: entries.row.subarray(0, count),
    latent: entries.latent.subarray(0, count),
    stage: entries.stage.subarray(0, count),
    amount: entries.amount.subarray(0, count),
  };
}

/**
 * Logits of a linear probe with latents set to 0, without decoding: logit − Σ z_f·(W_dec[f]·w) over the ablated latents
 * that are active. What the SAE leaves unexplained stays as it is. A latent's share is entered at the first n that
 * ablates it, and shares add up from there.
 *
 * @param products of the decoder's rows with the probe's weights, [d_sae]
 * @param logits before, [rows]
 * @returns [ns][rows]
 */
export function ablatedLogits(
  { rows, stages, row, latent, stage, amount }: AblatedEntries,
  products: Float32Array,
  logits: Float32Array,
): readonly Float64Array[] {
  const removed = new Float64Array(stages * rows);
  for (let e = 0; e < row.length; e++) removed[stage[e] * rows + row[e]] += amount[e] * products[latent[e]];
  for (let i = rows; i < removed.length; i++) removed[i] += removed[i - rows];
  return Array.from({ length: stages }, (_, n) => {
    const after = removed.subarray(n * rows, (n + 1) * rows);
    for (let i = 0; i < rows; i++) after[i] = logits[i] - after[i];
    return after;
  });
}

/** By latent: the first of `ns` that ablates it, −1 for none. */
function stages(dSae: number, latents: Uint32Array, ns: readonly number[]): Int8Array {
  const stageOf = new Int8Array(dSae).fill(-1);
  latents.forEach((latent, rank) => (stageOf[latent] = ns.findIndex((n) => rank < n)));
  return stageOf;
}

/**
 * How much a row's reconstruction changes with one unit of decoded activation: an SAE that normalises its input scales
 * each reconstruction back by the row's deviation, one with an activation scaler by the scaler.
 *
 * @param source the rows that were encoded; read only for an SAE with layer norm
 * @returns undefined where it is 1 for every row
 */
export function decodedUnits(
  { input, dIn }: EncodedSae,
  source: RowSource,
  rows: Uint32Array,
): Float64Array | undefined {
  if (!input.layerNorm) return input.scale === 1 ? undefined : new Float64Array(rows.length).fill(1 / input.scale);
  const factor = Math.fround(input.scale);
  const row = new Float32Array(dIn);
  return Float64Array.from(rows, (number) => {
    source.read(number, 1, row);
    return momentsOf(row.map((value) => value * factor)).deviation / input.scale;
  });
}
