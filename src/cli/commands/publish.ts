import { Command } from 'commander';
import { identityOf, variantOf, type CheckpointIdentity } from '../../attach/layout.js';
import { claimManifest, inlineManifest } from '../../attach/manifest.js';
import { publishFinished, publishManifest } from '../../attach/publish.js';
import { DiscernError } from '../../errors.js';
import { openCheckpoint } from '../../sae/readers.js';
import { createLogger } from '../../telemetry/logger.js';
import { configOf, parseCount, withSettings } from '../context.js';
import { openLog } from '../open-log.js';

interface Options {
  readonly panel: string;
  readonly run?: string;
  readonly variant?: string;
  readonly trainSeed?: number;
  readonly step?: number;
  readonly tokens?: number;
  readonly inline?: true;
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
      .option('--finished', 'say that the runs have ended with these checkpoints: they are then not missed'),
  )
    .addHelpText('after', '\nExample:\n  discern publish runs/a/step-1000 --panel mine --run a --step 1000')
    .action(async (dirs: string[], options: Options, command: Command) => {
      if (dirs.length > 1 && options.step !== undefined)
        throw new DiscernError('USAGE', `--step names one checkpoint, but ${dirs.length} folders were given`);
      const config = await configOf(command);
      const logger = createLogger();
      const log = await openLog(config);
      const lastSteps = new Map<string, number>();
      try {
        for (const dir of dirs) {
          const source = await openCheckpoint(dir);
          const identity = await complete(dir, options);
          const describe = options.inline === true ? inlineManifest : claimManifest;
          const publishedAt = new Date().toISOString();
          const manifest = await describe({ panel: options.panel, identity, source, publishedAt });
          await publishManifest(log, manifest, source.weights);
          lastSteps.set(identity.run, Math.max(identity.step, lastSteps.get(identity.run) ?? 0));
          logger.info({ panel: options.panel, ...identity }, 'published');
        }
        if (options.finished !== true) return;
        for (const [run, step] of lastSteps) {
          await publishFinished(log, options.panel, run, step);
          logger.info({ panel: options.panel, run, step }, 'finished');
        }
      } finally {
        await log.close();
      }
    });
}

async function complete(dir: string, options: Options): Promise<CheckpointIdentity> {
  const found = await identityOf(dir);
  const run = options.run ?? found.run;
  const step = options.step ?? found.step;
  if (run === undefined || step === undefined)
    throw new DiscernError(
      'USAGE',
      `${dir}: its name does not tell the ${run === undefined ? 'run' : 'training step'}`,
      {
        hint: 'Give --run and --step.',
      },
    );
  return {
    run,
    variant: options.variant ?? variantOf(run),
    trainSeed: options.trainSeed ?? found.trainSeed ?? 0,
    step,
    tokens: options.tokens ?? (options.step === undefined ? (found.tokens ?? step) : step),
  };
}
