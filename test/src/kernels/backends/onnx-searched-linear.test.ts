import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeOnEveryBackend } from '../backends-here.js';
import type { Backend, LayerInput, SparseLinear } from '../../../../src/kernels/backend.js';
import { randomFloats, randomMatrix, storedRows } from '../random.js';

const INPUT: LayerInput = { transform: { scale: 1, layerNorm: false }, safeNorm: 10 };

describeOnEveryBackend('a layer that is looked through where it is multiplied', (open, name) => {
  if (name !== 'onnxruntime') return;

  it('gives dense outputs of the same weights, also when the dense layer is closed last', async () => {
    const backend = await open();
    const layer = { weight: randomMatrix(6, 33, 1), bias: randomFloats(33, 2) };
    const x = randomFloats(4 * 6, 3);
    const sparse = await backend.sparseLinear!({ ...layer, interest: { kind: 'largest', count: 33 } }, INPUT);
    const dense = await sparse!.dense();
    const found = await sparse!.apply(x, 4);
    await sparse!.close();
    const y = await dense.apply(x, 4);
    await dense.close();
    const positive = [...y.keys()].filter((i) => y[i] > 0);
    expect([...found!.values]).toEqual(positive.map((i) => y[i]));
    expect([...found!.indices]).toEqual(positive.map((i) => i % 33));
    await expect(sparse!.apply(x, 4)).rejects.toMatchObject({ code: 'BACKEND_FAILED' });
    await backend.close();
  });

  describe('reading rows of a tensor', () => {
    let backend: Backend;
    let sparse: SparseLinear;
    beforeAll(async () => {
      backend = await open();
      const layer = { weight: randomMatrix(6, 1024, 1), bias: randomFloats(1024, 2) };
      sparse = (await backend.sparseLinear!({ ...layer, interest: { kind: 'largest', count: 3 } }, INPUT))!;
    });
    afterAll(async () => {
      await sparse.close();
      await backend.close();
    });

    it.each([NaN, Infinity, 11])('leaves tiles out that have a row with %p', async (value) => {
      const matrix = randomMatrix(3 * sparse.tileRows + 1, 6, 3);
      matrix.data[6 * sparse.tileRows + 5] = value;
      const found = await sparse.applyToAll!(storedRows(matrix).tensor, matrix.rows);
      expect(found.map((candidates) => candidates?.indptr.at(-1))).toEqual([
        3 * sparse.tileRows,
        undefined,
        3 * sparse.tileRows,
        3,
      ]);
    });

    it('reads no more rows than asked for', async () => {
      const { tensor } = storedRows(randomMatrix(sparse.tileRows + 9, 6, 4));
      const found = await sparse.applyToAll!(tensor, sparse.tileRows + 2);
      expect(found.map((candidates) => candidates!.indptr.length - 1)).toEqual([sparse.tileRows, 2]);
      expect(await sparse.applyToAll!(tensor, 0)).toEqual([]);
    });

    it('keeps calls that overlap apart', async () => {
      const sets = [5, 6, 7].map((seed) => storedRows(randomMatrix(2 * sparse.tileRows, 6, seed)));
      const together = await Promise.all(sets.map(({ tensor, rows }) => sparse.applyToAll!(tensor, rows)));
      for (const [i, { tensor, rows }] of sets.entries())
        expect(together[i]).toEqual(await sparse.applyToAll!(tensor, rows));
    });

    it('stops when it is told to, before or meanwhile', async () => {
      const { tensor, rows } = storedRows(randomMatrix(20 * sparse.tileRows, 6, 8));
      await expect(sparse.applyToAll!(tensor, rows, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
      const controller = new AbortController();
      const work = sparse.applyToAll!(tensor, rows, controller.signal);
      controller.abort(new Error('enough'));
      await expect(work).rejects.toThrow('enough');
      expect(await sparse.applyToAll!(tensor, 1)).toHaveLength(1);
    });

    it('says what the threads could not do', async () => {
      const { tensor } = storedRows(randomMatrix(2, 6, 9));
      const refused = sparse.applyToAll!(tensor, 3);
      await expect(refused).rejects.toMatchObject({ code: 'BACKEND_FAILED', message: expect.stringContaining('of 2') });
    });
  });
});
