import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TOPICS } from '../../../streams/topics.js';
import { ROOT } from '../code-blocks.js';
import type { Kind } from './kind.js';

/** The diagram of the dataflow names every topic and no other; what else an arrow leads to is a pipeline of `streams/`. */
export const dataflow: Kind = {
  check({ text }) {
    const names = text.match(/discern\.[\w.-]+/g) ?? [];
    const topics = TOPICS.map(({ name }) => name);
    if ([...new Set(names)].sort().join() !== [...topics].sort().join())
      throw new Error(`topics are ${topics.join(', ')}; shown are ${names.join(', ')}`);
    const pipelines = [...text.matchAll(/▶ ([a-z]+)/g)].map(([, name]) => name).filter((name) => name !== 'discern');
    if (pipelines.length === 0) throw new Error('no pipeline is shown');
    for (const name of pipelines)
      if (!existsSync(join(ROOT, 'streams', `${name}.ts`))) throw new Error(`streams/ has no pipeline ${name}`);
  },
};
