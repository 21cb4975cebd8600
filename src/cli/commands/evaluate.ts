import { Command } from 'commander';
import { identityOf } from '../../attach/layout.js';
import { openBundle } from '../../bundle/open.js';
import type { configSchema } from '../../config/schema.js';
import { PAPER_SEEDS } from '../../config/schema.js';
import { Evaluator, type Evaluation } from '../../evaluation/evaluator.js';
import { scoreLines } from '../../evaluation/score-line.js';
import { EvaluationThreads } from '../../evaluation/threads.js';
import { resolveMetrics } from '../../metrics/index.js';
import { openCheckpoint } from '../../sae/readers.js';
import { createLogger } from '../../telemetry/logger.js';
import { configOf, parseList, parseSeeds, withSettings } from '../context.js';
import { createProgress } from '../progress.js';
import { renderTable } from '../table.js';
import { DiscernError } from '../../errors.js';

interface Options {
  readonly sae: string;
  readonly bundle: string;
  readonly metrics: string[];
  readonly seeds: number[];
  readonly panel: string;
  readonly format: string;
}

export function evaluateCommand(): Command {
  return withSettings(
    new Command('evaluate')
      .description('Scores one checkpoint on a bundle, without a stream. Scores go to stdout.')
      .requiredOption('--sae <dir>', 'folder of the checkpoint')
      .requiredOption('--bundle <dir>', 'folder of the bundle')
      .option(
        '--metrics <list>',
        'metric ids or families (core, tpp, …); all: what the bundle has tasks for',
        parseList,
        ['all'],
      )
      .option('--seeds <list>', 'evaluation seeds', parseSeeds, [...PAPER_SEEDS])
      .option('--panel <name>', 'panel written into the scores', 'local')
      .option('--format <kind>', 'ndjson (a score a line) or table (means over tasks)', 'table'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  discern evaluate --sae runs/a/step-1000 --bundle bundle --seeds 42,123 --format ndjson',
    )
    .action(async (options: Options, command: Command) => {
      if (options.format !== 'ndjson' && options.format !== 'table')
        throw new DiscernError('USAGE', `--format: '${options.format}' is neither ndjson nor table`);
      await evaluate(options, await configOf(command));
    });
}

async function evaluate(options: Options, config: ReturnType<typeof configSchema.parse>): Promise<void> {
  const log = createLogger();
  const metrics = resolveMetrics(options.metrics);
  const [source, bundle, identity] = await Promise.all([
    openCheckpoint(options.sae),
    openBundle(options.bundle),
    identityOf(options.sae),
  ]);
  const threads = new EvaluationThreads({ backend: config.evaluate.backend, scorers: config.evaluate.threads });
  const progress = createProgress('evaluate');
  try {
    const backend = await threads.backend();
    log.info(backend, 'backend');
    const limits = { maxBytes: config.weights.maxBytes };
    const { cache } = config.evaluate;
    const warn = (message: string): void => log.warn(message);
    const evaluator = new Evaluator({ threads, bundle, metrics, seeds: options.seeds, limits, cache, warn });
    const evaluation = await evaluator.evaluate(source, {
      progress: (done, total) => progress.update(done, total),
    });
    progress.stop();
    for (const skipped of evaluation.skipped) log.warn(skipped, 'task skipped');
    log.info({ seconds: evaluation.seconds }, 'evaluated');
    const origin = {
      panel: options.panel,
      run: identity.run ?? options.sae,
      variant: identity.variant ?? identity.run ?? options.sae,
      trainSeed: identity.trainSeed ?? 0,
      step: identity.step ?? 0,
      tokens: identity.tokens ?? identity.step ?? 0,
    };
    process.stdout.write(options.format === 'ndjson' ? scoreLines(origin, evaluation.scores) : table(evaluation));
  } finally {
    progress.stop();
    await threads.close();
  }
}

/** Per metric and parameter: the mean over seeds of the mean over tasks, and how far the seeds scatter. */
function table(evaluation: Evaluation): string {
  const groups = new Map<string, { metric: string; param: string; values: number[] }>();
  for (const { metric, param, task, value } of evaluation.scores) {
    if (task !== null) continue;
    const key = `${metric}|${param}`;
    const group = groups.get(key) ?? { metric, param, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  const rows = [...groups.values()].map(({ metric, param, values }) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const sd = values.length < 2 ? '' : Math.sqrt(squares / (values.length - 1)).toPrecision(2);
    return [metric, param, mean.toPrecision(6), sd, String(values.length)];
  });
  return renderTable(['metric', 'param', 'mean', 'sd over seeds', 'seeds'], rows);
}
