import { createGpuJsBackend, GPU_JS_VERSION } from './gpu-js.js';
import type { BackendProvider } from './provider.js';

/** gpu.js' plain JavaScript mode: one thread, needs nothing. Its calls block, so its tiles are small. */
export const cpu: BackendProvider = {
  name: 'cpu',
  probe: () => Promise.resolve({ available: true, description: describe() }),
  open: () =>
    Promise.resolve(
      createGpuJsBackend({
        name: 'cpu',
        description: describe(),
        tile: { elements: 1 << 15, minRows: 4, maxRows: 32 },
      }),
    ),
};

function describe(): string {
  return `gpu.js ${GPU_JS_VERSION} cpu (JavaScript), 1 thread`;
}
