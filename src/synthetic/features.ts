import type { NumpyRandomState } from '../random/numpy-legacy.js';

const ROUNDS = 60;
const STEP = 0.5;

/**
 * Unit vectors in random directions, then pushed apart: gradient descent on the sum of their squared dot products, as
 * SAELens' `orthogonalize_embeddings` (6.54, `synthetic/feature_dictionary.py`) does, with the vectors kept at unit
 * length. More vectors than dimensions cannot be orthogonal; they end near the smallest sum there is, count² / dim
 * (the Welch bound).
 *
 * @returns [count, dim], row-major
 */
export function nearOrthogonalFeatures(count: number, dim: number, random: NumpyRandomState): Float32Array {
  const vectors = Float64Array.from({ length: count * dim }, () => random.normal());
  normaliseRows(vectors, count, dim);
  // Vectors that fit are made orthogonal by pairs; those that do not share the dimensions: each holds count / dim of them.
  const rate = STEP / Math.max(1, count / dim);
  for (let round = 0; round < ROUNDS; round++) pushApart(vectors, count, dim, rate);
  return Float32Array.from(vectors);
}

/** One step along −∂/∂vᵢ of ½ Σ_{j≠i} (vᵢ·vⱼ)² = −(VᵀV·vᵢ − vᵢ): with the Gram matrix of the dimensions it is cheap. */
function pushApart(vectors: Float64Array, count: number, dim: number, rate: number): void {
  const gram = gramOfColumns(vectors, count, dim);
  const pull = new Float64Array(dim);
  for (let i = 0; i < count; i++) {
    const row = vectors.subarray(i * dim, (i + 1) * dim);
    for (let a = 0; a < dim; a++) {
      let sum = -row[a];
      for (let b = 0; b < dim; b++) sum += gram[a * dim + b] * row[b];
      pull[a] = sum;
    }
    for (let a = 0; a < dim; a++) row[a] -= rate * pull[a];
  }
  normaliseRows(vectors, count, dim);
}

function gramOfColumns(vectors: Float64Array, count: number, dim: number): Float64Array {
  const gram = new Float64Array(dim * dim);
  for (let i = 0; i < count; i++)
    for (let a = 0; a < dim; a++) {
      const value = vectors[i * dim + a];
      for (let b = 0; b < dim; b++) gram[a * dim + b] += value * vectors[i * dim + b];
    }
  return gram;
}

function normaliseRows(vectors: Float64Array, count: number, dim: number): void {
  for (let i = 0; i < count; i++) {
    const row = vectors.subarray(i * dim, (i + 1) * dim);
    let squares = 0;
    for (const value of row) squares += value * value;
    const scale = 1 / Math.sqrt(squares);
    for (let a = 0; a < dim; a++) row[a] *= scale;
  }
}
