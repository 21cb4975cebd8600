import { allocateShared } from '../tensors/shared-tensor.js';
import type { Backend, Linear } from './backend.js';
import type { Matrix } from './matrix.js';
import { assertFinite } from './overflow.js';
import { productTiles } from './product-tiles.js';

/**
 * W_dec[f]·w for every latent f and direction w, all of them in one pass over the decoder: what one unit of a latent's
 * activation adds to the logit of a linear probe with the weights w. Sums run in float32, as they do in SAEBench.
 *
 * @param decoder W_dec [d_sae, d_in]
 * @param directions each [d_in]; at least one
 * @returns one array a direction, [d_sae], in shared memory
 * @throws DiscernError EVALUATION_FAILED when a product leaves the range of float32
 */
export async function decoderProducts(
  backend: Pick<Backend, 'linear'>,
  decoder: Matrix,
  directions: readonly Float32Array[],
): Promise<readonly Float32Array[]> {
  const linear = await backend.linear(columns(directions), new Float32Array(directions.length));
  try {
    return await multiply(linear, decoder);
  } finally {
    await linear.close();
  }
}

async function multiply(linear: Linear, { rows, cols, data }: Matrix): Promise<readonly Float32Array[]> {
  const count = linear.outputs;
  const shared = allocateShared(4 * count * rows, 'products of the decoder');
  const products = Array.from({ length: count }, (_, i) => new Float32Array(shared, 4 * i * rows, rows));
  const rowsOf = (start: number, end: number): Float32Array => data.subarray(start * cols, end * cols);
  for await (const { start, end, values: tile } of productTiles(linear, rows, rowsOf)) {
    for (let latent = start; latent < end; latent++) {
      const at = (latent - start) * count;
      assertFinite(tile.subarray(at, at + count), 'the product of the decoder’s row with probe', latent);
      for (let i = 0; i < count; i++) products[i][latent] = tile[at + i];
    }
  }
  return products;
}

/** The directions as columns, [d_in, directions]. */
function columns(directions: readonly Float32Array[]): Matrix {
  const [rows, cols] = [directions[0].length, directions.length];
  const data = new Float32Array(rows * cols);
  directions.forEach((direction, i) => direction.forEach((value, row) => (data[row * cols + i] = value)));
  return { rows, cols, data };
}
