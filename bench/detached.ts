/**
 * What one detached ArrayBuffer costs the thread it was in:
 *
 *     npm run build && node dist/bench/detached.js
 *
 * The same loop over two typed arrays, before and after an unrelated buffer was detached.
 * Why WebAssembly memories here never grow (src/wasm/instantiate.ts).
 */
import { compile, instantiate } from '../src/wasm/instantiate.js';
import { WASM } from '../src/statistics/wasm/resampling-wasm.js';

const LENGTH = 1_500;
const CALLS = 20_000;
const ROUNDS = 5;

const [x, y] = [1, 2].map((factor) => Float64Array.from({ length: LENGTH }, (_, i) => Math.sin(factor * i)));

const before = fastest();
instantiate(compile(WASM), 1 << 20);
const still = fastest();
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });
const after = fastest();
console.log(
  `a multiplication and addition: ${before.toFixed(2)} ns, with WebAssembly in use ${still.toFixed(2)} ns, ` +
    `after a buffer was detached ${after.toFixed(2)} ns`,
);

/** Nanoseconds an element, in the fastest of some rounds. */
function fastest(): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let sum = 0;
    for (let call = 0; call < CALLS; call++) sum += dot(x, y);
    const took = performance.now() - start;
    if (!Number.isFinite(sum)) throw new Error('the sum is not finite');
    best = Math.min(best, (1e6 * took) / (CALLS * LENGTH));
  }
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
