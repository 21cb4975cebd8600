import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { filter, firstValueFrom, from, map, merge, type Subscription } from 'rxjs';
import { decodeStatisticsRecord } from '../../../streams/codec.js';
import { STATISTICS } from '../../../streams/topics.js';
import type { Log } from '../../log/log.js';
import { startService } from '../../service/service.js';
import { tail } from '../../service/tail.js';
import { isFolder } from '../../synthetic/atomic-folder.js';
import { writeSyntheticBundle } from '../../synthetic/bundle.js';
import { DEMO_BUNDLE, DEMO_CHECKPOINTS, DEMO_MODEL, DEMO_RUNS } from '../../synthetic/demo.js';
import { SyntheticModel } from '../../synthetic/model.js';
import { describeEvent } from '../../synthetic/panel-events.js';
import { settingsDigest } from '../../synthetic/settings-digest.js';
import { createLogger, type Logger } from '../../telemetry/logger.js';
import { parseStatistics } from '../../telemetry/parse-statistics.js';
import { configOf, withSettings } from '../context.js';
import { milestones, type AuditedMetric } from '../demo/milestones.js';
import { trainAndPublish } from '../demo/training.js';
import { inWords, opening } from '../demo/words.js';
import { interrupted } from '../interrupted.js';
import { openLog } from '../open-log.js';

const PANEL = 'demo';

/** Grows when the same settings would train other SAEs or sample another bundle. */
const VERSION = 1;

interface Options {
  readonly dir: string;
}

export function demoCommand(): Command {
  return withSettings(
    new Command('demo')
      .description(
        'Shows Discern at work: trains small SAEs on a synthetic model, evaluates and audits each checkpoint as it appears.',
      )
      .option('--dir <folder>', 'where the demo keeps its bundle, checkpoints and log', '.discern/demo'),
  ).action(async (options: Options, command: Command) => {
    // What another version has left behind is another panel.
    const settings = [DEMO_MODEL, DEMO_BUNDLE, DEMO_RUNS, DEMO_CHECKPOINTS];
    const dir = join(resolve(options.dir), settingsDigest(VERSION, settings));
    const logger = createLogger();
    const bundle = await prepareBundle(join(dir, 'bundle'), logger);
    const given = await configOf(command, { [PANEL]: { bundle } });
    const cache = { ...given.evaluate.cache, dir: join(dir, 'probes') };
    const config = { ...given, evaluate: { ...given.evaluate, cache } };
    const log = await openLog({ ...config, log: { embedded: { dir: join(dir, 'log') } } });
    try {
      const service = await startService({ config, log, logger });
      process.stderr.write(opening(service.url, dir, DEMO_RUNS, DEMO_CHECKPOINTS));
      const running = [train(log, join(dir, 'checkpoints'), logger), narrate(log, service.url, logger)];
      try {
        await firstValueFrom(merge(interrupted(), from(service.ended)));
      } finally {
        logger.info('stopping');
        for (const subscription of running) subscription.unsubscribe();
        await service.stop();
      }
    } finally {
      await log.close();
    }
  });
}

async function prepareBundle(dir: string, logger: Logger): Promise<string> {
  if (await isFolder(dir)) return dir;
  logger.info('sampling a synthetic model: activations, labelled tasks, and what the model knows of its own features');
  await writeSyntheticBundle(dir, new SyntheticModel(DEMO_MODEL), DEMO_BUNDLE);
  return dir;
}

function train(log: Log, root: string, logger: Logger): Subscription {
  const options = { panel: PANEL, model: DEMO_MODEL, runs: DEMO_RUNS, checkpoints: DEMO_CHECKPOINTS, root };
  return trainAndPublish(log, options).subscribe({
    next: (event) => logger.info(describeEvent(event)),
    error: (error: unknown) => logger.error(error, 'training failed'),
    complete: () => logger.info('training is done; what is left is evaluated'),
  });
}

/** Says on the terminal when there is something to see. */
function narrate(log: Log, url: string, logger: Logger): Subscription {
  const start = performance.now();
  const audited = tail(log, {
    topic: STATISTICS,
    decode: decodeStatisticsRecord,
    refused: (error) => logger.warn(error, 'statistics that cannot be read'),
  }).pipe(
    map(({ value }) => value),
    filter(({ panel }) => panel === PANEL),
    map(({ metric, param, statistics }): AuditedMetric => ({
      metric,
      param,
      statistics: parseStatistics(statistics),
    })),
  );
  return milestones(audited, DEMO_RUNS.length * DEMO_CHECKPOINTS).subscribe({
    next: (milestone) => process.stderr.write(inWords(milestone, (performance.now() - start) / 1000, url)),
    error: (error: unknown) => logger.error(error, 'the statistics can no longer be followed'),
  });
}
