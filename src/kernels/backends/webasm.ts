import { availableParallelism } from 'node:os';
import { createGpuJsBackend, GPU_JS_VERSION } from './gpu-js.js';
import type { BackendProvider } from './provider.js';

/** gpu.js' WebAssembly mode: SIMD and a pool of workers. Runs wherever Node does. */
export const webasm: BackendProvider = {
  name: 'webasm',
  probe: () => Promise.resolve({ available: true, description: describe(availableParallelism()) }),
  open: ({ threads = availableParallelism() }) =>
    Promise.resolve(
      createGpuJsBackend({
        name: 'webasm',
        description: describe(threads),
        threads,
        tile: { elements: 1 << 17, minRows: 64, maxRows: 256 },
      }),
    ),
};

function describe(threads: number): string {
  return `gpu.js ${GPU_JS_VERSION} webasm (WebAssembly SIMD), ${threads} threads`;
}
