/** The part of the global `WebAssembly` that is used: its types come with those of a browser otherwise. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: {
    new (size: { readonly initial: number }): { readonly buffer: ArrayBuffer };
    new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }): {
      readonly buffer: SharedArrayBuffer;
    };
  };
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { Module, Memory, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

const PAGE_BYTES = 65_536;
/** What an offset of 32 bits reaches. */
export const MOST_BYTES = 65_535 * PAGE_BYTES;

/** A module from its bytes as base64. Modules import `js.memory` and export functions. */
export function compile(base64: string): object {
  return new Module(Buffer.from(base64, 'base64'));
}

/** The functions of a module over a memory of their own. */
export interface WasmInstance<Functions, Memory extends ArrayBufferLike = ArrayBuffer> {
  readonly functions: Functions;
  readonly memory: Memory;
}

/**
 * The memory is made as large as it has to be and never grows; who needs more makes another instance. Growing would
 * detach the memory's buffer, and from the first ArrayBuffer that is detached on, V8 checks at every access to every typed
 * array of the thread whether that one is: plain loops take two to four times as long (bench/detached.ts).
 *
 * @param bytes of memory
 * @throws RangeError when there is not so much memory
 */
export function instantiate<Functions>(module: object, bytes: number): WasmInstance<Functions> {
  const memory = new Memory({ initial: pagesOf(bytes) });
  const { exports } = new Instance(module, { js: { memory } });
  return { functions: exports as Functions, memory: memory.buffer };
}

/**
 * The same of a module that imports a shared memory: other threads can read and write it. V8 does not count it when it
 * decides when to collect garbage.
 */
export function instantiateShared<Functions>(
  module: object,
  bytes: number,
): WasmInstance<Functions, SharedArrayBuffer> {
  const pages = pagesOf(bytes);
  const memory = new Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new Instance(module, { js: { memory } });
  return { functions: exports as Functions, memory: memory.buffer };
}

function pagesOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAGE_BYTES));
}
