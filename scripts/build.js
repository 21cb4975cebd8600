// Compiles the package into dist/: the Node side, then the live page (which has the DOM's types), then the page's
// static files and the runbooks that alerts link to. Plain JavaScript, since it runs before anything is compiled.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

const { marked } = await import('marked');
const runbooks = join(root, 'docs/runbooks');
mkdirSync(join(root, 'dist/src/web/page/runbooks'), { recursive: true });
for (const file of readdirSync(runbooks)) {
  const name = file.replace(/\.md$/, '');
  const text = marked.parse(readFileSync(join(runbooks, file), 'utf8'), { async: false });
  writeFileSync(join(root, 'dist/src/web/page/runbooks', `${name}.html`), runbookPage(name, text));
}

function runbookPage(name, text) {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${name} · Discern</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/assets/style.css" />
  </head>
  <body>
    <main class="runbook">
      <p><a href="/">Live page</a></p>
${text}
    </main>
  </body>
</html>
`;
}
