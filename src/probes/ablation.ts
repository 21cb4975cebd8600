import { momentsOf } from '../kernels/input-transform.js';
import type { RowSource, SparseCodes } from '../kernels/matrix.js';
import type { EncodedSae } from '../sae/sae.js';
import type { ProbeProjection } from './probe-projection.js';

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

/**
 * Logits of linear probes with latents set to 0, without decoding: logit − Σ z_f·(W_dec[f]·w) over the ablated latents
 * that are active. What the SAE leaves unexplained stays as it is.
 *
 * One pass over the active latents serves every n: a latent's share is entered at the first n that ablates it, and
 * shares add up from there.
 *
 * @param latents in the order in which they are ablated
 * @param ns how many of them, ascending
 * @param probe number of the probe in the projection
 * @param logits the probe's logit of each row, [rows]
 * @returns [ns][rows]
 */
export function ablatedLogits(
  { codes, rows, units, latentScale }: AblationRows,
  latents: Uint32Array,
  ns: readonly number[],
  projection: ProbeProjection,
  probe: number,
  logits: Float32Array,
): readonly Float64Array[] {
  const stageOf = stages(codes.latents, latents, ns);
  const removed = ns.map(() => new Float64Array(rows.length));
  rows.forEach((row, i) => {
    for (let e = codes.indptr[row], end = codes.indptr[row + 1]; e < end; e++) {
      const latent = codes.indices[e];
      const stage = stageOf[latent];
      if (stage < 0) continue;
      const activation = latentScale === undefined ? codes.values[e] : codes.values[e] / latentScale[latent];
      removed[stage][i] += activation * (units?.[i] ?? 1) * projection.of(probe, latent);
    }
  });
  for (let stage = 1; stage < ns.length; stage++)
    for (let i = 0; i < rows.length; i++) removed[stage][i] += removed[stage - 1][i];
  return removed.map((shares) => shares.map((share, i) => logits[i] - share));
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
