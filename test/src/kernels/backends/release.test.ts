import { markAsUntransferable } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { release } from '../../../../src/kernels/backends/release.js';

describe('releasing memory', () => {
  it('takes it away at once', () => {
    const buffer = new ArrayBuffer(64);
    release(buffer);
    expect(buffer.byteLength).toBe(0);
  });

  it('leaves alone what cannot be handed on', () => {
    const buffer = new ArrayBuffer(64);
    markAsUntransferable(buffer);
    release(buffer);
    expect(buffer.byteLength).toBe(64);
  });
});
