import { Command } from 'commander';
import { identityOf, variantOf, type CheckpointIdentity } from '../../attach/layout.js';
import { claimManifest, inlineManifest } from '../../attach/manifest.js';
import { publishFinished, publishManifest } from '../../attach/publish.js';
import { DiscernError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import { openCheckpoint } from '../../sae/readers.js';
import { createLogger, type Logger } from '../../telemetry/logger.js';
import { configOf, parseCount, withSettings } from '../context.js';
import { openLog } from '../open-log.js';
import { held } from './watch.js';

interface Options {
  readonly panel: string;
  readonly run?: string;
  readonly variant?: string;
  readonly trainSeed?: number;
  readonly step?: number;
  readonly tokens?: number;
  readonly inline?: true;
  readonly uri?: string;
  readonly finished?: true;
}

export function publishCommand(): Command {
  return withSettings(
    new Command('publish')
      .description('Publishes checkpoints to the log. What the folder names do not tell, flags do.')
      .argument('<dirs...>', 'folders of checkpoints')
      .requiredOption('--panel <name>', 'panel of the run')
      .option('--run <name>', 'training run (default: the name of the parent folder)')
      .option('--variant <name>', 'variant (default: the run without its seed)')
      .option('--train-seed <n>', 'training seed', parseCount('--train-seed'))
      .option(
        '--step <n>',
        'training step (default: from a folder name like step-100-tokens-409600)',
        parseCount('--step'),
      )
      .option('--tokens <n>', 'tokens trained on (default: from the folder name, or the step)', parseCount('--tokens'))
      .option('--inline', 'send the weights through the log instead of pointing at the file')
      .option('--uri <uri>', 'where evaluators find the weights: file:, http(s): or s3: (default: the file)')
      .option('--finished', 'say that the runs have ended with these checkpoints: they are then not missed'),
  )
    .addHelpText('after', '\nExample:\n  discern publish runs/a/step-1000 --panel mine --run a --step 1000')
    .action(async (dirs: string[], options: Options, command: Command) => {
      if (dirs.length > 1 && options.step !== undefined)
        throw new DiscernError('USAGE', `--step names one checkpoint, but ${dirs.length} folders were given`);
      if (options.uri !== undefined && (dirs.length > 1 || options.inline === true))
        throw new DiscernError(
          'USAGE',
          '--uri is where the weights of one checkpoint are that does not travel --inline',
        );
      const config = await configOf(command);
      const logger = createLogger();
      const log = await openLog(config);
      try {
        const published = await publishAll(dirs, (dir) => publish(log, dir, options, logger), logger);
        if (options.finished === true) await finish(log, options.panel, published, logger);
      } finally {
        await log.close();
      }
    });
}

/**
 * Publishes what can be published; what cannot is reported.
 *
 * @returns what was published
 * @throws the error of the first folder that could not be published, after the others were
 */
async function publishAll(
  dirs: readonly string[],
  publish: (dir: string) => Promise<CheckpointIdentity>,
  logger: Logger,
): Promise<readonly CheckpointIdentity[]> {
  const published: CheckpointIdentity[] = [];
  const failures: DiscernError[] = [];
  for (const dir of dirs)
    try {
      published.push(await publish(dir));
    } catch (error) {
      if (!(error instanceof DiscernError) || error.code === 'LOG_UNAVAILABLE') throw error;
      failures.push(error);
      if (dirs.length > 1) logger.warn(held(dir, error), 'not published');
    }
  if (failures.length === 0) return published;
  if (dirs.length === 1) throw failures[0];
  const { code, message, hint } = failures[0];
  const count = `${failures.length} of ${dirs.length} folders could not be published; the first: ${message}`;
  throw new DiscernError(code, count, { cause: failures[0], ...(hint === undefined ? {} : { hint }) });
}

async function publish(log: Log, dir: string, options: Options, logger: Logger): Promise<CheckpointIdentity> {
  const source = await openCheckpoint(dir);
  const identity = await complete(dir, options);
  const { panel, inline, uri } = options;
  const publication = { panel, identity, source, publishedAt: new Date().toISOString() };
  const manifest = await (inline === true
    ? inlineManifest(publication)
    : claimManifest(publication, uri === undefined ? undefined : () => uri));
  await publishManifest(log, manifest, source.weights);
  logger.info({ panel: options.panel, ...identity }, 'published');
  return identity;
}

/** Says that each of the runs has ended at the last of its steps. */
async function finish(
  log: Log,
  panel: string,
  published: readonly CheckpointIdentity[],
  logger: Logger,
): Promise<void> {
  const lastSteps = new Map<string, number>();
  for (const { run, step } of published) lastSteps.set(run, Math.max(step, lastSteps.get(run) ?? 0));
  for (const [run, step] of lastSteps) {
    await publishFinished(log, panel, run, step);
    logger.info({ panel, run, step }, 'finished');
  }
}

async function complete(dir: string, options: Options): Promise<CheckpointIdentity> {
  const found = await identityOf(dir);
  const run = options.run ?? found.run;
  const step = options.step ?? found.step;
  if (run === undefined || step === undefined)
    throw new DiscernError(
      'USAGE',
      `${dir}: its name does not tell the ${run === undefined ? 'run' : 'training step'}`,
      { hint: 'Give --run and --step.' },
    );
  return {
    run,
    variant: options.variant ?? variantOf(run),
    trainSeed: options.trainSeed ?? found.trainSeed ?? 0,
    step,
    tokens: options.tokens ?? (options.step === undefined ? (found.tokens ?? step) : step),
  };
}
