import { describe, expect, it } from '@jest/globals';
import { createGpuJsBackend } from '../../../../src/kernels/backends/gpu-js.js';

describe('a gpu.js backend', () => {
  it('hands out nothing once its device has failed beside the calls', async () => {
    const device: { failure?: string } = {};
    const backend = createGpuJsBackend({
      name: 'cpu',
      description: 'a device',
      tile: { elements: 16, minRows: 4, maxRows: 4 },
      failure: () => device.failure,
    });
    const linear = await backend.linear({ rows: 2, cols: 1, data: Float32Array.of(1, 2) }, Float32Array.of(3));
    expect([...(await linear.apply(Float32Array.of(1, 1), 1))]).toEqual([6]);
    device.failure = 'out of memory';
    await expect(linear.apply(Float32Array.of(1, 1), 1)).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: 'a device: out of memory',
    });
    await backend.close();
  });
});
