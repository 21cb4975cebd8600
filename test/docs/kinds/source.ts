import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../code-blocks.js';
import type { Kind } from './kind.js';

/** Compiled by `npm run types`, and run by extending.test.ts. */
export const EXAMPLES = ['metric.ts', 'format.ts', 'backend.ts', 'library.ts'] as const;

/** TypeScript is an example that is compiled and run; it is also saved in the clone, where its first line says. */
export const source: Kind = {
  async check({ text }, walk) {
    const examples = await Promise.all(EXAMPLES.map(shown));
    if (!examples.includes(text.trimEnd())) throw new Error('not one of test/docs/examples');
    await walk.write(placeOf(text), `${text}\n`);
  },
};

/** What is changed in a file of the clone: `--- path`, then changes parted by `@@`, each in its lines. */
export const change: Kind = {
  async check({ text }, walk) {
    const [, path, changes] = /^--- (\S+)\n([^]*)$/.exec(text)!;
    let content = await readFile(walk.at(path), 'utf8');
    for (const lines of changes.split(/^@@\n/m).map((part) => part.trimEnd().split('\n'))) {
      const [before, after] = ['+', '-'].map((sign) =>
        lines
          .filter((line) => !line.startsWith(sign))
          .map((line) => `${line.slice(1)}\n`)
          .join(''),
      );
      if (content.split(before).length !== 2) throw new Error(`${path}: not there once:\n${before}`);
      content = content.replace(before, () => after);
    }
    await walk.write(path, content);
  },
};

/** An example as the document shows it: with the imports it has at the place that its first line names. */
export async function shown(example: string): Promise<string> {
  const text = await readFile(join(ROOT, 'test/docs/examples', example), 'utf8');
  const place = dirname(placeOf(text));
  return text
    .replaceAll(/'(?:\.\.\/)+(src\/[^']+)'/g, (_, file: string) => {
      const path = relative(place, file);
      return `'${path.startsWith('.') ? path : `./${path}`}'`;
    })
    .replace("'./src/index.js'", "'discern'")
    .trimEnd();
}

function placeOf(text: string): string {
  return /^\/\/ (\S+)/.exec(text)![1];
}
