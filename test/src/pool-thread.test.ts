import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** In processes of their own, since one that gives up would take jest along (`npm test` builds the package first). */
const BUILT = new URL('../../dist/src/worker-file.js', import.meta.url);
const PISCINA = pathToFileURL(createRequire(import.meta.url).resolve('piscina')).href;

/** Linking these takes much longer than reading them: each hands on the names of all that follow. */
const MODULES = 100;
const NAMES = 50;

const USE = `
import { poolThread } from ${JSON.stringify(BUILT.href)};
import piscina from ${JSON.stringify(PISCINA)};
const pool = () => new piscina.Piscina({ ...poolThread(import.meta.url, './thread.mjs'), minThreads: 1, maxThreads: 1 });
`;
const RUN = `const threads = pool(); console.log(await threads.run(20)); await threads.destroy();`;
const LOADED = `const threads = pool(); await threads.run(1); const from = Date.now(); const again = pool(); await again.run(1);
const took = Date.now() - from; await threads.destroy(); await again.destroy();`;

let folder: string;
beforeAll(async () => {
  if (!existsSync(BUILT)) throw new Error('dist/ is missing: run `npm run build`');
  folder = await mkdtemp(join(tmpdir(), 'discern-threads-'));
  for (let i = 0; i < MODULES; i++) {
    const names = Array.from({ length: NAMES }, (_, j) => `export function f${i}_${j}() {}`);
    const next =
      i + 1 < MODULES ? [`import * as next from './m${i + 1}.mjs';`, `export * from './m${i + 1}.mjs';`] : [];
    await writeFile(join(folder, `m${i}.mjs`), [...next, ...names].join('\n'));
  }
  await writeFile(join(folder, 'thread.mjs'), `import './m0.mjs'; export default (x) => x + 1;`);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(code: string): Promise<string> {
  const main = join(folder, 'main.mjs');
  await writeFile(main, USE + code);
  const { stdout } = await promisify(execFile)(process.execPath, [main], { timeout: 60_000 });
  return stdout;
}

describe('a thread of a pool', () => {
  it("does what its module's default export does", async () => {
    expect(await run(RUN)).toBe('21\n');
  });

  it('can be ended at any time while it starts', async () => {
    const parts = 12;
    const ended = `${LOADED}
for (let i = 1; i <= ${parts}; i++) {
  const early = pool();
  await new Promise((resolve) => setTimeout(resolve, (took * i) / ${parts}));
  await early.destroy();
}
console.log('still here');`;
    expect(await run(ended)).toBe('still here\n');
  });

  it('says what is wrong with a module that cannot be loaded', async () => {
    const broken = `
import { writeFileSync } from 'node:fs';
writeFileSync(new URL('broken.mjs', import.meta.url), 'export default nothing;');
const threads = new piscina.Piscina({ ...poolThread(import.meta.url, './broken.mjs'), minThreads: 1, maxThreads: 1 });
threads.on('error', (error) => console.log(error.message));
await threads.run(1).catch((error) => console.log(error.message));`;
    expect(await run(broken)).toContain('nothing is not defined');
  });
});
