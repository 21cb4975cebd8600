import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import wabt from 'wabt';
import { WASM as decode } from '../../src/kernels/wasm/decode-wasm.js';
import { WASM as rows } from '../../src/kernels/wasm/rows-wasm.js';
import { WASM as screening } from '../../src/kernels/wasm/screening-wasm.js';
import { WASM as sieve } from '../../src/kernels/wasm/sieve-wasm.js';
import { WASM as denseProbe } from '../../src/probes/wasm/dense-probe-wasm.js';
import { WASM as half } from '../../src/tensors/wasm/half-wasm.js';
import { WASM as logistic } from '../../src/probes/wasm/logistic-wasm.js';
import { WASM as pairs } from '../../src/statistics/wasm/pairs-wasm.js';
import { WASM as resampling } from '../../src/statistics/wasm/resampling-wasm.js';

describe('WebAssembly kernels', () => {
  it.each([
    ['kernels/wasm/decode.wat', decode],
    ['kernels/wasm/rows.wat', rows],
    ['kernels/wasm/screening.wat', screening],
    ['kernels/wasm/sieve.wat', sieve],
    ['tensors/wasm/half.wat', half],
    ['probes/wasm/logistic.wat', logistic],
    ['probes/wasm/dense-probe.wat', denseProbe],
    ['statistics/wasm/pairs.wat', pairs],
    ['statistics/wasm/resampling.wat', resampling],
  ])('%s is what was compiled: `node scripts/wasm.js` does', async (name, committed) => {
    const source = await readFile(new URL(`../../src/${name}`, import.meta.url), 'utf8');
    const module = (await wabt()).parseWat(name, source, { simd: true, threads: true });
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(committed);
    module.destroy();
  });
});
