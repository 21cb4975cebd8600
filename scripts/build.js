// Compiles the package into dist/: the Node side, then the live page (which has the DOM's types), then the page's
// static files. Plain JavaScript, since it runs before anything is compiled.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

let tsc;
try {
  tsc = require.resolve('typescript/bin/tsc');
} catch {
  // An installed package carries dist/ and no compiler: there is nothing to build.
  if (existsSync(join(root, 'dist/src/cli/main.js'))) process.exit(0);
  console.error('discern: the compiler is missing; run `npm ci` with development dependencies');
  process.exit(1);
}

for (const project of ['tsconfig.json', 'src/web/page/tsconfig.json'])
  execFileSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });

const page = join(root, 'src/web/page');
for (const file of readdirSync(page))
  if (/\.(html|css|svg)$/.test(file)) cpSync(join(page, file), join(root, 'dist/src/web/page', file));
