import { Command } from 'commander';
import { publishScores } from '../../attach/publish-scores.js';
import { DiscernError } from '../../errors.js';
import type { IdentityOptions } from '../../import/saebench/identity.js';
import { importResults } from '../../import/saebench/import-results.js';
import { createLogger } from '../../telemetry/logger.js';
import { configOf, parseCount, withSettings } from '../context.js';
import { openLog } from '../open-log.js';

type Options = IdentityOptions & { readonly publish?: true };

export function importCommand(): Command {
  return new Command('import')
    .description('Reads scores that other programs have measured.')
    .addCommand(saeBenchCommand().exitOverride().showHelpAfterError());
}

function saeBenchCommand(): Command {
  return withSettings(
    new Command('saebench')
      .description('Reads SAEBench’s result files of every type of evaluation. Scores go to stdout, one a line.')
      .argument('<paths...>', 'result files, or folders of them (*_eval_results.json)')
      .option('--panel <name>', 'panel of the scores (default: model and hook point)')
      .option('--run <name>', 'training run (default: the SAE’s name without its step)')
      .option('--variant <name>', 'variant (default: the run without its seed)')
      .option('--train-seed <n>', 'training seed (default: from the SAE’s name, or 0)', parseCount('--train-seed'))
      .option('--step <n>', 'training step of results whose names tell none', parseCount('--step'))
      .option('--tokens <n>', 'tokens of results whose names tell none (default: the step)', parseCount('--tokens'))
      .option('--names <regexp>', 'takes names apart by named groups: run, variant, seed, step, tokens', parseNames)
      .option('--publish', 'publish the scores to the log, instead of writing them'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  discern import saebench eval_results > scores.ndjson && discern audit scores.ndjson',
    )
    .action(async (paths: string[], options: Options, command: Command) => {
      const logger = createLogger();
      const { scores, remarks } = await importResults(paths, options);
      for (const remark of remarks) logger.warn(remark);
      if (options.publish !== true) {
        process.stdout.write(scores.map((score) => `${JSON.stringify(score)}\n`).join(''));
        return;
      }
      const log = await openLog(await configOf(command));
      try {
        await publishScores(log, scores);
        logger.info({ scores: scores.length }, 'published');
      } finally {
        await log.close();
      }
    });
}

function parseNames(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscernError('USAGE', `--names: ${reason}`, { cause: error });
  }
}
