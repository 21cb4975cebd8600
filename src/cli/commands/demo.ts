import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { concatMap, firstValueFrom, from, merge, type Subscription } from 'rxjs';
import { claimManifest } from '../../attach/manifest.js';
import { publishFinished, publishManifest } from '../../attach/publish.js';
import { PublishedCheckpoints } from '../../attach/published.js';
import type { Log } from '../../log/log.js';
import { openCheckpoint } from '../../sae/readers.js';
import { startService } from '../../service/service.js';
import { writeSyntheticBundle } from '../../synthetic/bundle.js';
import { DEMO_BUNDLE, DEMO_CHECKPOINTS, DEMO_MODEL, DEMO_RUNS } from '../../synthetic/demo.js';
import { SyntheticModel } from '../../synthetic/model.js';
import { describeEvent, type PanelEvent } from '../../synthetic/panel-events.js';
import { trainPanel } from '../../synthetic/panel.js';
import { createLogger, type Logger } from '../../telemetry/logger.js';
import { configOf, withSettings } from '../context.js';
import { interrupted } from '../interrupted.js';
import { openLog } from '../open-log.js';

const PANEL = 'demo';

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
    const dir = resolve(options.dir);
    const logger = createLogger();
    const bundle = await prepareBundle(join(dir, 'bundle'), logger);
    const given = await configOf(command, { [PANEL]: { bundle } });
    const cache = { ...given.evaluate.cache, dir: join(dir, 'probes') };
    const config = { ...given, evaluate: { ...given.evaluate, cache } };
    const log = await openLog({ ...config, log: { embedded: { dir: join(dir, 'log') } } });
    try {
      const service = await startService({ config, log, logger });
      say(service.url);
      const training = train(log, join(dir, 'checkpoints'), logger);
      try {
        await firstValueFrom(merge(interrupted(), from(service.ended)));
      } finally {
        logger.info('stopping');
        training.unsubscribe();
        await service.stop();
      }
    } finally {
      await log.close();
    }
  });
}

async function prepareBundle(dir: string, logger: Logger): Promise<string> {
  const there = await stat(join(dir, 'bundle.json')).catch(() => undefined);
  if (there !== undefined) return dir;
  logger.info('sampling a synthetic model: activations, labelled tasks, and what the model knows of its own features');
  await writeSyntheticBundle(dir, new SyntheticModel(DEMO_MODEL), DEMO_BUNDLE);
  return dir;
}

function say(url: string): void {
  process.stderr.write(`
  Discern is training ${DEMO_RUNS.length} small sparse autoencoders and auditing the metrics that score them.

    ${url}   score curves, and which metrics tell the runs apart
    ${url}/metrics   the same for Prometheus

  The first scores appear within seconds. Ctrl-C stops; starting again goes on with what is there.

`);
}

/** Trains the panel and publishes its checkpoints. Training is seeded: what an earlier start has published is known. */
function train(log: Log, root: string, logger: Logger): Subscription {
  const options = { panel: PANEL, model: DEMO_MODEL, runs: DEMO_RUNS, checkpoints: DEMO_CHECKPOINTS, root };
  return from(PublishedCheckpoints.readFrom(log))
    .pipe(
      concatMap((published) =>
        trainPanel(options).pipe(concatMap((event) => publishTrained(log, event, published, logger))),
      ),
    )
    .subscribe({
      error: (error: unknown) => logger.error(error, 'training failed'),
      complete: () => logger.info('training is done; the page stays up until Ctrl-C'),
    });
}

async function publishTrained(
  log: Log,
  event: PanelEvent,
  published: PublishedCheckpoints,
  logger: Logger,
): Promise<void> {
  logger.info(describeEvent(event));
  if (event.type === 'finished') {
    await publishFinished(log, event.panel, event.run, event.step);
    return;
  }
  const { panel, run, variant, trainSeed, step, tokens } = event;
  const source = await openCheckpoint(event.dir);
  const identity = { run, variant, trainSeed, step, tokens };
  const manifest = await claimManifest({ panel, identity, source, publishedAt: new Date().toISOString() });
  if (published.has(manifest)) return;
  await publishManifest(log, manifest, source.weights);
  published.add(manifest);
}
