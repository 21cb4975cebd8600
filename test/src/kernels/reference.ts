import type { Matrix, SparseCodes } from '../../../src/kernels/matrix.js';
import type { Sae } from '../../../src/sae/sae.js';

/**
 * Encoding and decoding as sae.ts words them, dense and in float64, one formula after the other. The reference of the
 * sparse, tiled float32 code; it shares nothing with it.
 */
export function encodeDense(sae: Sae, rows: Matrix): number[][] {
  return rowsOf(rows).map((row) => activate(sae, preActivations(sae, transform(sae, row))));
}

export function decodeDense(sae: Sae, z: number[][], rows: Matrix): number[][] {
  return rowsOf(rows).map((row, r) => {
    const reconstruction = [...sae.decoderBias].map((bias, i) =>
      z[r].reduce((sum, value, f) => {
        const scale = sae.latentScale?.[f] ?? 1;
        return value === 0 ? sum : sum + (value / scale) * sae.decoder.data[f * sae.dIn + i];
      }, bias),
    );
    const { mean, deviation } = moments(row.map((value) => value * sae.input.scale));
    const denormalized = sae.input.layerNorm ? reconstruction.map((value) => value * deviation + mean) : reconstruction;
    return denormalized.map((value) => value / sae.input.scale);
  });
}

export function preActivations(sae: Sae, x: readonly number[]): number[] {
  return Array.from({ length: sae.dSae }, (_, j) => {
    const product = x.reduce((sum, value, i) => sum + value * sae.encoder.data[i * sae.dSae + j], 0);
    return (product + sae.encoderBias[j]) * (sae.latentScale?.[j] ?? 1);
  });
}

export function transform(sae: Sae, row: readonly number[]): number[] {
  const scaled = row.map((value) => value * sae.input.scale);
  const { mean, deviation } = moments(scaled);
  const normalized = sae.input.layerNorm ? scaled.map((value) => (value - mean) / (deviation + 1e-5)) : scaled;
  return normalized.map((value, i) => value - (sae.input.subtract?.[i] ?? 0));
}

/** Sparse codes as dense rows; fails on codes that break the rules of CSR. */
export function toDense(codes: SparseCodes): number[][] {
  if (codes.indptr.length !== codes.rows + 1 || codes.indptr[codes.rows] !== codes.values.length)
    throw new Error('indptr does not fit the entries');
  return Array.from({ length: codes.rows }, (_, r) => {
    const dense = new Array<number>(codes.latents).fill(0);
    let previous = -1;
    for (let entry = codes.indptr[r]; entry < codes.indptr[r + 1]; entry++) {
      const latent = codes.indices[entry];
      if (latent <= previous || latent >= codes.latents) throw new Error(`latent ${latent} after ${previous}`);
      if (codes.values[entry] === 0) throw new Error(`row ${r} stores a zero`);
      dense[latent] = codes.values[entry]!;
      previous = latent;
    }
    return dense;
  });
}

function activate(sae: Sae, pre: number[]): number[] {
  const { activation } = sae;
  switch (activation.kind) {
    case 'relu':
      return pre.map((value) => Math.max(0, value));
    case 'threshold':
      return pre.map((value, j) => (value > activation.threshold[j] && value > 0 ? value : 0));
    case 'topk': {
      const order = pre.map((_, j) => j).sort((a, b) => pre[b] - pre[a] || a - b);
      const kept = new Set(order.slice(0, activation.k));
      return pre.map((value, j) => (kept.has(j) ? Math.max(0, value) : 0));
    }
    case 'gated':
      return pre.map((value, j) =>
        value + activation.gateBias[j] > 0
          ? Math.max(0, value * activation.magnitudeScale[j] + activation.magnitudeBias[j])
          : 0,
      );
  }
}

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

function rowsOf({ rows, cols, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, r) => [...data.subarray(r * cols, (r + 1) * cols)]);
}
