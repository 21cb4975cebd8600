import { expect, it } from '@jest/globals';
import { describeOnEveryBackend } from '../backends-here.js';
import { randomFloats, randomMatrix } from '../random.js';

describeOnEveryBackend('a layer that is looked through where it is multiplied', (open, name) => {
  if (name !== 'onnxruntime') return;

  it('gives dense outputs of the same weights, also when the dense layer is closed last', async () => {
    const backend = await open();
    const layer = { weight: randomMatrix(6, 33, 1), bias: randomFloats(33, 2) };
    const x = randomFloats(4 * 6, 3);
    const sparse = await backend.sparseLinear!({ ...layer, interest: { kind: 'largest', count: 33 } });
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
});
