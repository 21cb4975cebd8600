import { resolve } from 'node:path';
import { Command } from 'commander';
import { lastValueFrom, tap } from 'rxjs';
import { PAPER_SEEDS } from '../../config/schema.js';
import { DiscernError } from '../../errors.js';
import { EvaluationThreads } from '../../evaluation/threads.js';
import { Auditor } from '../../lenses/auditor.js';
import { parseScores } from '../../lenses/report.js';
import { describeMetric } from '../../metrics/index.js';
import { reproduce, type Reproduction } from '../../reproduce/reproduction.js';
import { syntheticPanel, type SyntheticPanel } from '../../reproduce/synthetic-panel.js';
import { scoreSyntheticPanel, syntheticFolder } from '../../reproduce/synthetic-scores.js';
import { createLogger } from '../../telemetry/logger.js';
import { configOf, parseCount, parseSeeds, withSettings } from '../context.js';
import { createProgress } from '../progress.js';
import { readLines } from '../read-lines.js';
import { reproductionText } from '../reproduction-text.js';

/** Measured: docs/reproduce.md. */
const MINUTES = '5 to 10';

const FORMATS = { table: reproductionText, json: jsonOf } as const;

interface Options {
  readonly format: string;
  readonly dir: string;
  readonly steps: number;
  readonly checkpoints: number;
  readonly seeds: number[];
}

export function reproduceCommand(): Command {
  return withSettings(
    new Command('reproduce')
      .description(
        'Holds the claims of “Are Sparse Autoencoder Benchmarks Reliable?” (Chanin 2026) against recorded scores, or ' +
          'against a synthetic panel that it trains and evaluates itself.',
      )
      .argument('[scores...]', 'files of scores, a JSON object a line; - for standard input; none: the synthetic panel')
      .option('--format <kind>', 'table or json', 'table')
      .option('--dir <folder>', 'where the synthetic panel is kept', '.discern/reproduce')
      .option('--steps <n>', 'training steps of its runs', parseCount('--steps'), 3000)
      .option('--checkpoints <n>', 'checkpoints of each run', parseCount('--checkpoints'), 8)
      .option('--seeds <list>', 'evaluation seeds', parseSeeds, [...PAPER_SEEDS]),
  )
    .addHelpText(
      'after',
      `
The synthetic panel takes ${MINUTES} minutes on two idle cores; interrupted, it goes on where it stopped. A variant's
architecture is what stands before the first - of its name.

Examples:
  discern reproduce scores.ndjson
  discern reproduce --format json > reproduce.json`,
    )
    .action(async (files: string[], options: Options, command: Command) => {
      const render = FORMATS[formatOf(options.format)];
      const auditor = new Auditor({ direction: (metric) => describeMetric(metric)?.direction ?? 'higher' });
      for (const file of files) addScores(auditor, await readLines(file));
      if (files.length === 0) await scoreOwnPanel(auditor, options, command);
      process.stdout.write(render(reproduce(auditor)));
    });
}

function formatOf(format: string): keyof typeof FORMATS {
  if (Object.hasOwn(FORMATS, format)) return format as keyof typeof FORMATS;
  throw new DiscernError('USAGE', `--format: '${format}' is neither ${Object.keys(FORMATS).join(' nor ')}`);
}

function jsonOf(panels: readonly Reproduction[]): string {
  return `${JSON.stringify(panels, null, 2)}\n`;
}

function addScores(auditor: Auditor, lines: readonly string[]): void {
  for (const score of parseScores(lines)) auditor.add(score);
}

async function scoreOwnPanel(auditor: Auditor, options: Options, command: Command): Promise<void> {
  const { evaluate, weights } = await configOf(command);
  const panel = syntheticPanel(options.steps, options.checkpoints, options.seeds);
  const dir = resolve(options.dir);
  const logger = createLogger();
  const threads = new EvaluationThreads({ backend: evaluate.backend, scorers: evaluate.threads });
  const progress = createProgress('checkpoints scored');
  const total = panel.runs.length * panel.checkpoints;
  let done = 0;
  process.stderr.write(announcement(panel, syntheticFolder({ panel, dir })));
  try {
    const scored = await scoreSyntheticPanel({
      ...{ panel, threads, dir, maxBytes: weights.maxBytes },
      warn: (message) => logger.warn(message),
    });
    await lastValueFrom(
      scored.pipe(
        tap(({ checkpoint: { run, step }, lines }) => {
          addScores(auditor, lines);
          progress.update(++done, total);
          logger.debug({ run, step, done, total }, 'scored');
        }),
      ),
    );
  } finally {
    progress.stop();
    await threads.close();
  }
}

function announcement({ runs, checkpoints, seeds }: SyntheticPanel, folder: string): string {
  return `
  Training ${runs.length} small sparse autoencoders on a synthetic model and scoring ${checkpoints} checkpoints of each
  with ${seeds.length} evaluation seeds: about ${MINUTES} minutes on two idle cores with the standard settings.
  Ctrl-C stops; the same command goes on where it stopped. Scores: ${folder}/scores/

`;
}
