// Compiles src/**/wasm/*.wat to modules that carry the bytes as text: `node scripts/wasm.js`. They are committed, so
// that nothing but a change of the source needs the compiler; a test holds them to the source.
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

export const FOLDERS = ['kernels', 'probes', 'statistics', 'tensors'].map(
  (concern) => new URL(`../src/${concern}/wasm/`, import.meta.url),
);

/** The TypeScript module of a source in the WebAssembly text format. */
export async function compile(source, name) {
  const module = (await wabt()).parseWat(name, source, { simd: true, threads: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  module.destroy();
  return `// Compiled from ${name} by scripts/wasm.js.\n// prettier-ignore\nexport const WASM =\n  '${base64}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const folder of FOLDERS)
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.wat')))
      writeFileSync(
        new URL(name.replace('.wat', '-wasm.ts'), folder),
        await compile(readFileSync(new URL(name, folder), 'utf8'), name),
      );
