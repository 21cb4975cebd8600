#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('discern is not built yet: run `npm run build` in its folder');
  process.exit(1);
}
await import(main.href);
