import { Command } from 'commander';
import { firstValueFrom, from, merge, type Subscription } from 'rxjs';
import { attach } from '../../attach/attach.js';
import { DiscernError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import { startService, STAGES, type Stage } from '../../service/service.js';
import { createLogger, type Logger } from '../../telemetry/logger.js';
import { configOf, withSettings } from '../context.js';
import { interrupted } from '../interrupted.js';
import { openLog } from '../open-log.js';
import { panelsOf, splitPair, withPanels, type PanelOptions } from '../panels.js';
import { assertFolder, report } from './watch.js';

interface Options extends PanelOptions {
  readonly only?: Stage;
  readonly watch: ReadonlyMap<string, string>;
}

export function serveCommand(): Command {
  return withPanels(
    withSettings(
      new Command('serve')
        .description(
          'Evaluates checkpoints as they arrive and audits their scores; live page, /metrics, health checks.',
        )
        .option('--only <stage>', 'run only evaluate, or only audit', parseStage)
        .option('--watch <panel=dir>', 'attach to a checkpoint folder as well (may be repeated)', addWatch, new Map()),
    ),
  )
    .addHelpText('after', '\nExample:\n  discern serve --panel mine=bundle --watch mine=checkpoints')
    .action(async (options: Options, command: Command) => {
      const config = await configOf(command, panelsOf(options));
      if (options.only !== 'audit' && Object.keys(config.panels).length === 0)
        throw new DiscernError('USAGE', 'no panel is configured: there is nothing to evaluate checkpoints on', {
          hint: 'Give --panel <name>=<bundle folder>, or name panels in discern.yaml.',
        });
      await assertWatchable(options.watch, Object.keys(config.panels));
      const logger = createLogger();
      const log = await openLog(config);
      try {
        const stages = options.only === undefined ? STAGES : [options.only];
        const service = await startService({ config, log, logger, stages });
        const watching = watchFolders(log, options.watch, logger);
        try {
          await firstValueFrom(merge(interrupted(), from(service.ended)));
        } finally {
          logger.info('stopping');
          watching.forEach((subscription) => subscription.unsubscribe());
          await service.stop();
        }
      } finally {
        await log.close();
      }
    });
}

async function assertWatchable(folders: ReadonlyMap<string, string>, panels: readonly string[]): Promise<void> {
  for (const [panel, dir] of folders) {
    if (!panels.includes(panel))
      throw new DiscernError('USAGE', `--watch: panel ${panel} is not configured; configured: ${panels.join(', ')}`);
    await assertFolder(dir);
  }
}

function watchFolders(log: Log, folders: ReadonlyMap<string, string>, logger: Logger): readonly Subscription[] {
  return [...folders].map(([panel, dir]) =>
    attach(log, dir, { panel, transport: 'claim', now: () => new Date().toISOString() }).subscribe({
      next: (event) => report(logger, event),
      error: (error: unknown) => logger.error(error, `${dir} is no longer watched`),
    }),
  );
}

function parseStage(text: string): Stage {
  const stage = STAGES.find((known) => known === text);
  if (stage === undefined) throw new DiscernError('USAGE', `--only: '${text}' is not one of ${STAGES.join(', ')}`);
  return stage;
}

function addWatch(text: string, folders: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [panel, dir] = splitPair(text, '--watch', 'a checkpoint folder');
  return new Map(folders).set(panel, dir);
}
