/**
 * How close the ground-truth metrics come to what SAELens says of the same checkpoints:
 *
 *     npm run build && node dist/bench/ground-truth-parity.js --panel DIR --bundle DIR --golden FILE
 *
 * The panel holds `<variant>/<checkpoint>/`; the golden file maps these two names to the metrics of the checkpoint. Ends
 * with exit code 1 where a metric differs by more than the tolerance, or a checkpoint or a score is missing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBundle } from '../src/bundle/open.js';
import { Evaluator } from '../src/evaluation/evaluator.js';
import { EvaluationThreads } from '../src/evaluation/threads.js';
import { resolveMetrics } from '../src/metrics/index.js';
import { openCheckpoint } from '../src/sae/readers.js';

/** SAELens counts and takes means in float32. */
const TOLERANCE = 1e-5;

type Golden = Readonly<Record<string, Readonly<Record<string, number>>>>;

const { values: options } = parseArgs({
  options: { panel: { type: 'string' }, bundle: { type: 'string' }, golden: { type: 'string' } },
});
if (options.panel === undefined || options.bundle === undefined || options.golden === undefined) {
  console.error('use: node dist/bench/ground-truth-parity.js --panel DIR --bundle DIR --golden FILE');
  process.exit(2);
}
const golden = JSON.parse(await readFile(options.golden, 'utf8')) as Golden;
process.exitCode = (await compare(options.panel, options.bundle, golden)) ? 0 : 1;

async function compare(panel: string, bundleDir: string, golden: Golden): Promise<boolean> {
  const threads = new EvaluationThreads({ backend: 'auto' });
  try {
    const bundle = await openBundle(bundleDir);
    const metrics = resolveMetrics(['ground_truth']);
    const evaluator = new Evaluator({ threads, bundle, metrics, seeds: [], limits: { maxBytes: 2 ** 34 } });
    console.log(
      `${Object.keys(golden).length} checkpoints on ${bundle.name}, ${(await threads.backend()).description}`,
    );
    const worst = new Map([...metrics.ids].map((id) => [id, 0]));
    for (const [name, expected] of Object.entries(golden)) {
      const { scores, seconds } = await evaluator.evaluate(await openCheckpoint(join(panel, name)));
      const found = new Map(scores.map(({ metric, value }) => [metric, value]));
      const differences = [...metrics.ids].map((id) => [id, Math.abs((found.get(id) ?? NaN) - expected[id])] as const);
      for (const [id, difference] of differences) worst.set(id, Math.max(worst.get(id)!, difference));
      report(name, differences, seconds);
    }
    console.log(
      `largest differences: ${[...worst].map(([id, value]) => `${id} ${value.toExponential(1)}`).join(', ')}`,
    );
    // A missing score has made its largest difference NaN.
    const within = [...worst.values()].every((difference) => difference <= TOLERANCE);
    console.log(within ? `all within ${TOLERANCE}` : `NOT all within ${TOLERANCE}`);
    return within;
  } finally {
    await threads.close();
  }
}

function report(
  name: string,
  differences: readonly (readonly [string, number])[],
  seconds: Readonly<Record<string, number>>,
): void {
  const shown = differences.map(([id, difference]) => `${id} ${difference.toExponential(1)}`).join('  ');
  console.log(`  ${name.padEnd(44)} ${shown}  (${(1000 * seconds['ground_truth']).toFixed(0)} ms)`);
}
