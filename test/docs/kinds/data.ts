import { readdir } from 'node:fs/promises';
import { loadConfig } from '../../../src/config/load.js';
import { bundleSchema } from '../../../src/bundle/schema.js';
import { parseScores } from '../../../src/lenses/index.js';
import type { Kind } from './kind.js';

/** YAML is a discern.yaml, which is loaded. */
export const configuration: Kind = {
  async check({ text }, walk) {
    await walk.write('discern.yaml', text);
    await loadConfig({ file: walk.at('discern.yaml'), environment: {}, flags: new Map() });
  },
};

/** JSON is the description of a bundle. */
export const bundleDescription: Kind = {
  check({ text }) {
    bundleSchema.parse(JSON.parse(text));
  },
};

/** Lines of scores, which the reader saves as scores.ndjson. */
export const scores: Kind = {
  async check({ text }, walk) {
    parseScores(text.split('\n'));
    await walk.write('scores.ndjson', `${text}\n`);
  },
};

/** The files of a bundle: each line is one of a real bundle, where `<…>` is a name; and it has no others. */
export const bundleFiles: Kind = {
  async check({ text }, walk) {
    const entries = await readdir(walk.at('path/to/bundle'), { recursive: true, withFileTypes: true });
    const base = walk.at('path/to/bundle/');
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
    const unseen = new Set(files.map((file) => file.slice(base.length)));
    for (const line of text.split('\n')) {
      const pattern = new RegExp(`^${line.split(/\s/, 1)[0].replaceAll('.', '\\.').replaceAll(/<\w+>/g, '[^/]+')}$`);
      const found = [...unseen].filter((file) => pattern.test(file));
      if (found.length === 0) throw new Error(`no file of a bundle is ${line}`);
      for (const file of found) unseen.delete(file);
    }
    if (unseen.size > 0) throw new Error(`not listed: ${[...unseen].join(', ')}`);
  },
};
