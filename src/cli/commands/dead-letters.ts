import { Command } from 'commander';
import type { Log } from '../../log/log.js';
import { createLogger } from '../../telemetry/logger.js';
import { configOf, withSettings } from '../context.js';
import { isReplayable, readDeadLetters, replayOf, type FoundLetter, type LetterFilter } from '../dead-letters.js';
import { openLog } from '../open-log.js';
import { renderTable } from '../table.js';
import { DiscernError } from '../../errors.js';

interface ListOptions extends LetterFilter {
  readonly format: string;
}

interface ReplayOptions extends LetterFilter {
  readonly dryRun?: true;
}

export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('Shows the records that could not be used, and why; replays them once the cause is mended.')
    .addCommand(quiet(listCommand()))
    .addCommand(quiet(replayCommand()));
}

function listCommand(): Command {
  return withFilter(
    withSettings(new Command('list').description('Lists dead letters, oldest first.')).option(
      '--format <kind>',
      'table or ndjson',
      'table',
    ),
  )
    .addHelpText('after', '\nExample:\n  discern dead-letters list --reason panel_unknown')
    .action(async (options: ListOptions, command: Command) => {
      if (options.format !== 'table' && options.format !== 'ndjson')
        throw new DiscernError('USAGE', `--format: '${options.format}' is neither table nor ndjson`);
      await withLetters(command, options, (letters) => {
        process.stdout.write(options.format === 'table' ? tableOf(letters) : linesOf(letters));
      });
    });
}

function replayCommand(): Command {
  return withFilter(
    withSettings(
      new Command('replay').description(
        'Appends the original records of dead letters to their original topics again. The dead letters stay.',
      ),
    ).option('--dry-run', 'say what would be replayed, and replay nothing'),
  )
    .addHelpText('after', '\nExample:\n  discern dead-letters replay --reason panel_unknown --dry-run')
    .action(async (options: ReplayOptions, command: Command) => {
      await withLetters(command, options, async (letters, log) => {
        const replayed = letters.filter(isReplayable);
        if (options.dryRun !== true)
          for (const found of replayed) await log.store({ records: [replayOf(found)], done: [] });
        process.stdout.write(linesOf(replayed));
        const logger = createLogger();
        logger.info({ records: replayed.length }, options.dryRun === true ? 'would be replayed' : 'replayed');
        const left = letters.length - replayed.length;
        if (left > 0)
          logger.warn({ records: left }, 'not replayed: weights that travel inline must be published again');
      });
    });
}

/** Errors of subcommands are told as those of commands are. */
function quiet(command: Command): Command {
  return command.exitOverride().showHelpAfterError();
}

function withFilter(command: Command): Command {
  return command
    .option('--reason <reason>', 'only those with this reason, e.g. weights_hash_mismatch')
    .option('--topic <name>', 'only those whose original record was on this topic')
    .option('--key <key>', 'only those whose original record had this key (a checkpoint: its run)');
}

async function withLetters(
  command: Command,
  { reason, topic, key }: LetterFilter,
  use: (letters: readonly FoundLetter[], log: Log) => Promise<void> | void,
): Promise<void> {
  const config = await configOf(command);
  const logger = createLogger();
  const log = await openLog(config);
  try {
    const letters = await readDeadLetters(log, { reason, topic, key }, ({ offset }, error) =>
      logger.warn({ offset: `${offset}`, error: error.message }, 'a record among the dead letters is none'),
    );
    await use(letters, log);
  } finally {
    await log.close();
  }
}

function tableOf(letters: readonly FoundLetter[]): string {
  const rows = letters.map(({ letter }) => [
    letter.at,
    letter.reason,
    letter.topic,
    `${letter.partition}/${letter.offset}`,
    letter.key,
    letter.error,
  ]);
  return renderTable(['at', 'reason', 'topic', 'offset', 'key', 'error'], rows);
}

/** All but the original value, a JSON object a line. */
function linesOf(letters: readonly FoundLetter[]): string {
  return letters
    .map(({ position, letter }) => {
      const { topic, partition, offset, key, reason, error, at, value } = letter;
      const line = { at, reason, topic, partition, offset, key, bytes: value.byteLength, error };
      return `${JSON.stringify({ ...line, letter: `${position.topic}/${position.partition}/${position.offset}` })}\n`;
    })
    .join('');
}
