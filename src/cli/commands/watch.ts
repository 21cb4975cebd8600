import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { lastValueFrom, takeUntil, takeWhile, tap } from 'rxjs';
import type { Logger } from 'pino';
import { attach, type AttachEvent } from '../../attach/attach.js';
import { DiscernError } from '../../errors.js';
import { createLogger } from '../../telemetry/logger.js';
import { configOf, withSettings } from '../context.js';
import { openLog } from '../open-log.js';
import { interrupted } from '../interrupted.js';

interface Options {
  readonly panel: string;
  readonly inline?: true;
  readonly uriBase?: string;
  readonly once?: true;
}

export function watchCommand(): Command {
  return withSettings(
    new Command('watch')
      .description(
        "Attaches to training runs: publishes each checkpoint under a folder once it is completely written. The folder is one run's checkpoints, or several runs' folders.",
      )
      .argument('<dir>', 'checkpoint folder of the training runs')
      .requiredOption('--panel <name>', 'panel the runs belong to')
      .option('--inline', 'send the weights through the log instead of pointing at the files')
      .option('--uri-base <uri>', 'where evaluators find this folder: file:, http(s): or s3: (default: where it is)')
      .option('--once', 'publish what is there and stop'),
  )
    .addHelpText('after', '\nExample:\n  discern watch checkpoints --panel mine')
    .action(async (dir: string, options: Options, command: Command) => {
      await assertFolder(dir);
      if (options.inline === true && options.uriBase !== undefined)
        throw new DiscernError('USAGE', '--inline sends the weights, so there is no --uri-base to find them at');
      const config = await configOf(command);
      const logger = createLogger();
      const log = await openLog(config);
      const events = attach(log, dir, {
        panel: options.panel,
        transport: options.inline === true ? 'inline' : 'claim',
        ...(options.uriBase === undefined ? {} : { uriBase: options.uriBase }),
        now: () => new Date().toISOString(),
      }).pipe(tap((event) => report(logger, event)));
      try {
        await (options.once === true
          ? lastValueFrom(events.pipe(takeWhile((event) => event.type !== 'caught-up')), { defaultValue: undefined })
          : lastValueFrom(events.pipe(takeUntil(interrupted())), { defaultValue: undefined }));
      } finally {
        await log.close();
      }
    });
}

/** @throws DiscernError USAGE */
export async function assertFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new DiscernError('USAGE', `${dir}: no such folder`);
}

/** One line an event. */
export function report(logger: Logger, event: AttachEvent): void {
  switch (event.type) {
    case 'published':
      logger.info({ run: event.manifest.run, step: event.manifest.step }, 'published');
      return;
    case 'known':
      logger.debug({ run: event.manifest.run, step: event.manifest.step }, 'already published');
      return;
    case 'held':
      logger.warn(held(event.dir, event.error), 'not published');
      return;
    case 'caught-up':
      logger.info('caught up with the folder');
      return;
  }
}

/** What a log line says of a folder that was not published. */
export function held(dir: string, { reason, message, hint }: DiscernError): Record<string, string> {
  return { dir, reason, error: message, ...(hint === undefined ? {} : { hint }) };
}
