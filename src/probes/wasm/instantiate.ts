/** The part of the global `WebAssembly` that is used: its types come with those of a browser otherwise. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

/** The exports of a module whose bytes are given as base64; they are what the caller says, since it wrote the source. */
export function instantiate<Exports extends object>(base64: string): Exports {
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
  return new Instance(new Module(Buffer.from(base64, 'base64'))).exports as Exports;
}
