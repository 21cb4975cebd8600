import { realpath } from 'node:fs/promises';
import { concatMap, forkJoin, type Observable } from 'rxjs';
import { DiscernError } from '../errors.js';
import type { Log } from '../log/log.js';
import type { CheckpointManifest } from '../../streams/records.js';
import { claimManifest, inlineManifest, uriBelow, type Publication } from './manifest.js';
import { PublishedCheckpoints } from './published.js';
import { publishManifest, type Transport } from './publish.js';
import { watchCheckpoints, type WatchEvent, type WatchOptions } from './watch.js';

export type AttachEvent =
  | { readonly type: 'published'; readonly manifest: CheckpointManifest }
  /** The log already has it. */
  | { readonly type: 'known'; readonly manifest: CheckpointManifest }
  /** It cannot be published yet, or at all. */
  | { readonly type: 'held'; readonly dir: string; readonly error: DiscernError }
  | { readonly type: 'caught-up' };

export interface AttachOptions extends WatchOptions {
  readonly panel: string;
  readonly transport: Transport;
  /** Where evaluators find the folder that is watched; absent: where it is. */
  readonly uriBase?: string;
  readonly now: () => string;
}

/**
 * Attaches to the checkpoint folder of training runs: publishes each checkpoint once it is completely written, one
 * after the other, and each only once however often one attaches.
 */
export function attach(log: Log, root: string, options: AttachOptions): Observable<AttachEvent> {
  return forkJoin([PublishedCheckpoints.readFrom(log), describer(root, options)]).pipe(
    concatMap(([published, describe]) =>
      watchCheckpoints(root, options).pipe(
        concatMap(async (event): Promise<AttachEvent> => {
          if (event.type !== 'finished') return event;
          try {
            return await publish(log, event, { published, describe, options });
          } catch (error) {
            // One checkpoint that cannot be published keeps no other from it; without the log, none can be.
            if (!(error instanceof DiscernError) || error.code === 'LOG_UNAVAILABLE') throw error;
            return { type: 'held', dir: event.dir, error };
          }
        }),
      ),
    ),
  );
}

type Describe = (publication: Publication) => Promise<CheckpointManifest>;

async function describer(root: string, { transport, uriBase }: AttachOptions): Promise<Describe> {
  if (transport === 'inline') return inlineManifest;
  if (uriBase === undefined) return claimManifest;
  const uriOf = uriBelow(uriBase, await realpath(root));
  return (publication) => claimManifest(publication, uriOf);
}

interface Publishing {
  readonly published: PublishedCheckpoints;
  readonly describe: Describe;
  readonly options: AttachOptions;
}

async function publish(
  log: Log,
  { identity, source }: Extract<WatchEvent, { type: 'finished' }>,
  { published, describe, options }: Publishing,
): Promise<AttachEvent> {
  const publication = { panel: options.panel, identity, source, publishedAt: options.now() };
  const manifest = await describe(publication);
  if (published.has(manifest)) return { type: 'known', manifest };
  await publishManifest(log, manifest, source.weights);
  published.add(manifest);
  return { type: 'published', manifest };
}
