import type { Matrix } from '../kernels/matrix.js';

/** ‖W_dec‖ of each latent [d_sae]: the scale of activations where the decoder counts as if it were normalised. */
export function decoderNorms({ rows, cols, data }: Matrix): Float32Array {
  const norms = new Float32Array(new SharedArrayBuffer(rows * 4));
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = row * cols; i < (row + 1) * cols; i++) sum += data[i] * data[i];
    norms[row] = Math.sqrt(sum);
  }
  return norms;
}
