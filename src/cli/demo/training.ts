import { concatMap, from, mergeMap, type Observable } from 'rxjs';
import { claimManifest } from '../../attach/manifest.js';
import { publishFinished, publishManifest } from '../../attach/publish.js';
import { PublishedCheckpoints } from '../../attach/published.js';
import type { Log } from '../../log/log.js';
import { openCheckpoint } from '../../sae/readers.js';
import { isFolder } from '../../synthetic/atomic-folder.js';
import type { PanelEvent } from '../../synthetic/panel-events.js';
import { trainPanel } from '../../synthetic/panel.js';
import type { PanelOptions, PanelRun } from '../../synthetic/panel-training.js';
import { checkpointFolder } from '../../synthetic/save.js';

/**
 * Trains the panel and publishes its checkpoints, each only once, however often it is started.
 *
 * 1. Runs whose last checkpoint the log has are not trained again; they are said to be finished once more.
 * 2. The others are trained from their seed, which gives the same weights: what was published before is known.
 * 3. Emits each event once what it says is in the log; completes when all runs are finished.
 */
export function trainAndPublish(log: Log, options: PanelOptions): Observable<PanelEvent> {
  return from(PublishedCheckpoints.readFrom(log)).pipe(
    mergeMap(async (published) => ({ published, runs: await unfinished(log, options, published) })),
    mergeMap(({ published, runs }) =>
      trainPanel({ ...options, runs }).pipe(
        concatMap(async (event) => {
          await publishEvent(log, event, published);
          return event;
        }),
      ),
    ),
  );
}

async function unfinished(
  log: Log,
  options: PanelOptions,
  published: PublishedCheckpoints,
): Promise<readonly PanelRun[]> {
  const left: PanelRun[] = [];
  for (const run of options.runs) {
    const { steps, batchSize } = run.training;
    const dir = checkpointFolder(options.root, run.run, steps, steps * batchSize);
    const place = { ...run, panel: options.panel, step: steps, tokens: steps * batchSize, dir };
    if ((await isFolder(dir)) && published.has((await manifestOf(place)).manifest))
      await publishFinished(log, options.panel, run.run, steps);
    else left.push(run);
  }
  return left;
}

async function publishEvent(log: Log, event: PanelEvent, published: PublishedCheckpoints): Promise<void> {
  if (event.type === 'finished') {
    await publishFinished(log, event.panel, event.run, event.step);
    return;
  }
  const { manifest, weights } = await manifestOf(event);
  if (published.has(manifest)) return;
  await publishManifest(log, manifest, weights);
  published.add(manifest);
}

interface Place {
  readonly panel: string;
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  readonly tokens: number;
  readonly dir: string;
}

async function manifestOf({ panel, run, variant, trainSeed, step, tokens, dir }: Place): Promise<{
  manifest: Awaited<ReturnType<typeof claimManifest>>;
  weights: string;
}> {
  const source = await openCheckpoint(dir);
  const identity = { run, variant, trainSeed, step, tokens };
  const manifest = await claimManifest({ panel, identity, source, publishedAt: new Date().toISOString() });
  return { manifest, weights: source.weights };
}
