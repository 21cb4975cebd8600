import { describe, expect, it } from '@jest/globals';
import type { Linear } from '../../../src/kernels/backend.js';
import { productTiles, type ProductTile } from '../../../src/kernels/product-tiles.js';

/** Gives rows back, later rows earlier; keeps count of the calls that overlap. */
class Echo implements Linear {
  readonly inputs = 1;
  readonly outputs = 1;
  readonly tileRows = 2;
  readonly inFlight = 3;
  pending = 0;
  most = 0;

  async apply(x: Float32Array, rows: number): Promise<Float32Array> {
    this.most = Math.max(this.most, ++this.pending);
    await new Promise((resolve) => setTimeout(resolve, 20 - x[0]));
    this.pending--;
    if (x[0] === 13) throw new Error('unlucky');
    return x.slice(0, rows);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function tilesOf(linear: Linear, rows: number): AsyncGenerator<ProductTile> {
  const numbers = Float32Array.from({ length: rows }, (_, row) => row);
  return productTiles(linear, rows, (start, end) => numbers.subarray(start, end));
}

describe('products tile after tile', () => {
  it('come in order, the last tile short, with as many calls at once as suit the backend', async () => {
    const linear = new Echo();
    const seen: number[][] = [];
    for await (const { start, end, values } of tilesOf(linear, 9)) {
      expect(values).toHaveLength(end - start);
      seen.push([start, ...values]);
    }
    expect(seen).toEqual([
      [0, 0, 1],
      [2, 2, 3],
      [4, 4, 5],
      [6, 6, 7],
      [8, 8],
    ]);
    expect(linear.most).toBe(3);
  });

  it('are none of no rows', async () => {
    expect((await tilesOf(new Echo(), 0).next()).done).toBe(true);
  });

  it('leave no call behind when one fails or nobody wants the rest', async () => {
    const linear = new Echo();
    const odd = Float32Array.of(1, 1, 13, 1, 1, 1, 1, 1);
    const failing = productTiles(linear, 8, (start, end) => odd.subarray(start, end));
    expect((await failing.next()).done).toBe(false);
    await expect(failing.next()).rejects.toThrow('unlucky');
    expect(linear.pending).toBe(0);
    const left = tilesOf(linear, 8);
    await left.next();
    await left.return(undefined);
    expect(linear.pending).toBe(0);
  });
});
