import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What the `webgpu` package says of the adapter it would use. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
  /** Largest storage buffer a kernel may read. */
  readonly maxBindingBytes: number;
}

/** A GPU driver that has not answered by then is broken. */
const TIMEOUT_MS = 20_000;

/** `webgpu` is gpu.js' dependency, so it is looked for from there. @throws when it is not installed */
export function webgpuPackage(): string {
  const fromHere = createRequire(import.meta.url);
  return pathToFileURL(createRequire(fromHere.resolve('gpu.js')).resolve('webgpu')).href;
}

const PROBE = `
const { create } = await import(process.argv[1]);
const adapter = await create([]).requestAdapter();
const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
const { maxStorageBufferBindingSize, maxBufferSize } = adapter?.limits ?? {};
const info = adapter && {
  vendor, architecture, device, description, isFallbackAdapter: Boolean(isFallbackAdapter),
  maxBindingBytes: Math.min(maxStorageBufferBindingSize, maxBufferSize),
};
process.stdout.write(JSON.stringify(info), () => process.exit(0));
`;

/**
 * Looks for a WebGPU adapter in a process of its own: a missing system library, a driver that crashes and one that
 * never answers stay there, and so do the warnings they print.
 *
 * @returns the adapter, or in words why there is none
 */
export function findAdapter(): Promise<AdapterInfo | string> {
  let module: string;
  try {
    module = webgpuPackage();
  } catch (error) {
    return Promise.resolve(`the package webgpu is not installed: ${String(error)}`);
  }
  const args = ['--input-type=module', '--eval', PROBE, module];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error !== null) return resolve(failureInWords(error, stderr));
      const adapter = JSON.parse(stdout) as AdapterInfo | null;
      resolve(adapter ?? `there is no WebGPU adapter${warningIn(stderr)}`);
    });
  });
}

/** Whether the adapter computes on the CPU, far slower than gpu.js' WebAssembly mode does. */
export function isSoftware(adapter: AdapterInfo): boolean {
  const names = `${adapter.architecture} ${adapter.device} ${adapter.description}`;
  return adapter.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(names);
}

function failureInWords(
  error: { killed?: boolean | undefined; signal?: NodeJS.Signals | null },
  stderr: string,
): string {
  if (error.killed === true) return `the GPU driver did not answer within ${TIMEOUT_MS / 1000} s`;
  if (typeof error.signal === 'string') return `the GPU driver crashed (${error.signal})`;
  const message = stderr.split('\n').find((line) => /Error:/.test(line));
  return message?.trim() ?? 'the WebGPU library cannot be loaded';
}

/** Dawn warns of what it could not load: the best hint there is. */
function warningIn(stderr: string): string {
  const warning = /Warning: (.*)/.exec(stderr)?.[1];
  return warning === undefined ? '' : ` (${warning.trim()})`;
}
