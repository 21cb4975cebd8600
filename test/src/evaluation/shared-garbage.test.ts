import { describe, expect, it } from '@jest/globals';
import { SharedGarbage, sharedBytes } from '../../../src/evaluation/shared-garbage.js';

const MIB = 1024 ** 2;
const shared = (mib: number) => new Uint8Array(new SharedArrayBuffer(mib * MIB));

function counting() {
  const collected = { times: 0 };
  return { garbage: new SharedGarbage(() => collected.times++), collected };
}

describe('SharedGarbage', () => {
  it('collects once what was let go of is worth it, and then anew', () => {
    const { garbage, collected } = counting();
    const turns = [1, 2, 3, 4, 5].map((id) => {
      garbage.take(id, { indptr: shared(8), values: shared(92) });
      garbage.letGo(id);
      return collected.times;
    });
    expect(turns).toEqual([0, 0, 1, 1, 1]);
  });

  it('finds shared memory at any depth, counts what came in parts, and nothing that is not shared', () => {
    const { garbage, collected } = counting();
    garbage.take(1, { encoder: { data: shared(200) }, bias: new Float32Array(100 * MIB), k: 5, scale: undefined });
    garbage.take(1, shared(55));
    garbage.letGo(1);
    expect(collected.times).toBe(0);
    garbage.take(2, [shared(1)]);
    garbage.letGo(2);
    expect(collected.times).toBe(1);
  });

  it('counts what it was not told of before', () => {
    const { garbage, collected } = counting();
    garbage.leave(200 * MIB);
    expect(collected.times).toBe(0);
    garbage.leave(sharedBytes([shared(56), new Uint8Array(MIB)]));
    expect(collected.times).toBe(1);
  });

  it('collects nothing for what is still in use or was never given', () => {
    const { garbage, collected } = counting();
    garbage.take(1, shared(300));
    garbage.letGo(2);
    expect(collected.times).toBe(0);
  });
});
