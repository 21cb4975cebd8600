/** The part of the global `WebAssembly` that is used: its types come with those of a browser otherwise. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** A module from its bytes as base64. */
export function compile(base64: string): object {
  return new Module(Buffer.from(base64, 'base64'));
}

/** What a new instance of a module exports. */
export function instantiate(module: object): object {
  return new Instance(module).exports;
}
