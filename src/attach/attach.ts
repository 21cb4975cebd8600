import { concatMap, from, type Observable } from 'rxjs';
import { DiscernError } from '../errors.js';
import type { Log } from '../log/log.js';
import type { CheckpointManifest } from '../../streams/records.js';
import { claimManifest, inlineManifest } from './manifest.js';
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
  readonly now: () => string;
}

/**
 * Attaches to the checkpoint folder of training runs: publishes each checkpoint once it is completely written, one
 * after the other, and each only once however often one attaches.
 */
export function attach(log: Log, root: string, options: AttachOptions): Observable<AttachEvent> {
  return from(PublishedCheckpoints.readFrom(log)).pipe(
    concatMap((published) =>
      watchCheckpoints(root, options).pipe(
        concatMap(async (event): Promise<AttachEvent> => {
          if (event.type !== 'finished') return event;
          try {
            return await publish(log, event, published, options);
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

async function publish(
  log: Log,
  { identity, source }: Extract<WatchEvent, { type: 'finished' }>,
  published: PublishedCheckpoints,
  options: AttachOptions,
): Promise<AttachEvent> {
  const publication = { panel: options.panel, identity, source, publishedAt: options.now() };
  const describe = options.transport === 'claim' ? claimManifest : inlineManifest;
  const manifest = await describe(publication);
  if (published.has(manifest)) return { type: 'known', manifest };
  await publishManifest(log, manifest, source.weights);
  published.add(manifest);
  return { type: 'published', manifest };
}
