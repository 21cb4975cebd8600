/**
 * Writes a checkpoint of random weights (TopK, 64 active latents) and a bundle of random rows, for the other benchmarks:
 *
 *     npm run build && node dist/bench/random.js --out DIR [--d-in 2304] [--d-sae 65536] [--rows 20000] [--labels 10]
 *
 * DIR/checkpoint and DIR/bundle; half of the rows are the corpus, half are labelled.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeRandomBundle, writeRandomCheckpoint } from './support/random-checkpoint.js';

const { values: options } = parseArgs({
  options: {
    out: { type: 'string' },
    'd-in': { type: 'string', default: '2304' },
    'd-sae': { type: 'string', default: '65536' },
    rows: { type: 'string', default: '20000' },
    labels: { type: 'string', default: '10' },
  },
});
if (options.out === undefined) {
  console.error('use: node dist/bench/random.js --out DIR [--d-in N] [--d-sae N] [--rows N] [--labels N]');
  process.exit(2);
}
const shape = { dIn: Number(options['d-in']), dSae: Number(options['d-sae']) };
const rows = Math.floor(Number(options.rows) / 2);
await writeRandomCheckpoint(join(options.out, 'checkpoint'), shape);
await writeRandomBundle(join(options.out, 'bundle'), { dIn: shape.dIn, rows, labels: Number(options.labels) });
console.log(`${options.out}/checkpoint (${shape.dIn}×${shape.dSae}), ${options.out}/bundle (${2 * rows} rows)`);
