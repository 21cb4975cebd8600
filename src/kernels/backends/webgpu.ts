import * as gpuJs from 'gpu.js';
import { DiscernError } from '../../errors.js';
import type { Backend } from '../backend.js';
import { createGpuJsBackend, GPU_JS_VERSION } from './gpu-js.js';
import type { BackendProvider } from './provider.js';
import { findAdapter, isSoftware, webgpuPackage, type AdapterInfo } from './webgpu-adapter.js';

const FIX =
  'Install a Vulkan driver for the GPU (Linux: its vendor package and libvulkan1), or use DISCERN_BACKEND=onnxruntime.';

/** gpu.js on a GPU. Under Node the `webgpu` package (Dawn) stands in for the browser's navigator.gpu. */
export const webgpu: BackendProvider = {
  name: 'webgpu',
  async probe() {
    const adapter = await findAdapter();
    if (typeof adapter === 'string') return { available: false, reason: adapter, fix: FIX };
    const available = { available: true, description: describe(adapter) } as const;
    return isSoftware(adapter)
      ? { ...available, onlyWhenForced: 'its adapter is software, slower than the CPU backends' }
      : available;
  },
  async open() {
    const adapter = await findAdapter();
    if (typeof adapter === 'string')
      throw new DiscernError('BACKEND_UNAVAILABLE', `backend webgpu is not available: ${adapter}`, { hint: FIX });
    return openOn(adapter);
  },
};

async function openOn(adapter: AdapterInfo): Promise<Backend> {
  let failure: () => string | undefined;
  try {
    await provideNavigatorGpu();
    failure = await watchDevice();
  } catch (error) {
    throw new DiscernError('BACKEND_UNAVAILABLE', `backend webgpu is not available: ${String(error)}`, {
      cause: error,
      hint: FIX,
    });
  }
  return createGpuJsBackend({
    name: 'webgpu',
    failure,
    description: describe(adapter),
    tile: { elements: 1 << 22, minRows: 64, maxRows: 1024 },
    // Up to 4 MB Dawn writes through memory that it keeps; for more it asks the driver each time, which takes longer.
    sparseTile: { elements: 1 << 19, minRows: 64, maxRows: 1024, maxBindingBytes: adapter.maxBindingBytes },
    release: withdrawNavigatorGpu,
  });
}

function describe(adapter: AdapterInfo): string {
  const device = [adapter.description, adapter.device].find((name) => name !== '') ?? adapter.vendor;
  return `gpu.js ${GPU_JS_VERSION} webgpu (Dawn), ${device}`;
}

/** Backends of this thread that are open: gpu.js keeps one device for all of them. */
let users = 0;

async function provideNavigatorGpu(): Promise<void> {
  const dawn = (await import(webgpuPackage())) as { create(options: readonly string[]): object };
  if (users === 0) {
    const scope = globalThis as { navigator?: object };
    if (scope.navigator === undefined)
      Object.defineProperty(scope, 'navigator', { value: {}, configurable: true, writable: true });
    Object.defineProperty(scope.navigator, 'gpu', { value: dawn.create([]), configurable: true });
  }
  users += 1;
}

/**
 * gpu.js only prints what goes wrong on the device beside its calls (memory that ran out, a lost device), and hands out
 * zeros.
 *
 * @returns what went wrong so far, if anything did
 */
async function watchDevice(): Promise<() => string | undefined> {
  const { device } = await context().acquire();
  let failure: string | undefined;
  const printing = device.onuncapturederror;
  device.onuncapturederror = (event) => {
    failure ??= event.error.message;
    printing?.(event);
  };
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') failure ??= `the device was lost: ${message}`;
  });
  return () => failure;
}

interface Device {
  onuncapturederror: ((event: { readonly error: { readonly message: string } }) => void) | null;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
}

/** gpu.js' declarations leave out the class that owns the device. */
function context(): { acquire(): Promise<{ readonly device: Device }>; destroy(): Promise<void> } {
  return (gpuJs as unknown as { WebGPUContext: ReturnType<typeof context> }).WebGPUContext;
}

/** Dawn keeps the process alive for as long as its objects are reachable. */
async function withdrawNavigatorGpu(): Promise<void> {
  users -= 1;
  if (users > 0) return;
  await context().destroy();
  const scope = globalThis as { navigator?: object };
  if (scope.navigator !== undefined) Reflect.deleteProperty(scope.navigator, 'gpu');
}
