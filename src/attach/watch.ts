import { dirname, relative, sep } from 'node:path';
import { watch as watchFiles } from 'chokidar';
import { Observable } from 'rxjs';
import { DiscernError } from '../errors.js';
import { openCheckpoint } from '../sae/readers.js';
import type { CheckpointSource } from '../sae/checkpoint.js';
import { identityOf, type CheckpointIdentity } from './layout.js';

/** What happened to a checkpoint folder under watch. */
export type WatchEvent =
  | {
      readonly type: 'finished';
      readonly dir: string;
      readonly source: CheckpointSource;
      readonly identity: CheckpointIdentity;
    }
  /** Something is there that cannot be published (yet): half-written, broken, or its step is not known. */
  | { readonly type: 'held'; readonly dir: string; readonly error: DiscernError }
  /** Everything that stood in the folder at the start has been looked at. */
  | { readonly type: 'caught-up' };

export interface WatchOptions {
  /** A folder is looked at once nothing in it has changed for this long, in milliseconds. */
  readonly quietMs?: number;
}

/** A run's folder, its checkpoints' folders, and the files in those. */
const DEPTH = 4;
const QUIET_MS = 1000;

/**
 * Watches a root folder of training runs and tells of each checkpoint once it is completely written. Those that are
 * there already come first, by step, so that all runs' curves grow together. A folder that is written again (sparsify
 * saves over its last checkpoint) is told of again.
 */
export function watchCheckpoints(root: string, options: WatchOptions = {}): Observable<WatchEvent> {
  const quietMs = options.quietMs ?? QUIET_MS;
  return new Observable<WatchEvent>((subscriber) => {
    const early = new Set<string>();
    const timers = new Map<string, NodeJS.Timeout>();
    let ready = false;

    const look = async (dir: string): Promise<void> => {
      const event = await lookAt(dir);
      if (event !== undefined && !subscriber.closed) subscriber.next(event);
    };
    const touched = (file: string): void => {
      const dir = dirname(file);
      if (!ready) {
        early.add(dir);
        return;
      }
      clearTimeout(timers.get(dir));
      const timer = setTimeout(() => {
        timers.delete(dir);
        look(dir).catch((error: unknown) => subscriber.error(error));
      }, quietMs);
      timers.set(dir, timer);
    };
    const catchUp = async (): Promise<void> => {
      const events = await Promise.all([...early].map(lookAt));
      for (const event of events.filter((event) => event !== undefined).sort(byStep)) subscriber.next(event);
      subscriber.next({ type: 'caught-up' });
    };

    const watcher = watchFiles(root, { depth: DEPTH, ignored: (path) => isHidden(root, path) })
      .on('add', touched)
      .on('change', touched)
      .on('error', (error) => subscriber.error(error))
      .on('ready', () => {
        ready = true;
        catchUp().catch((error: unknown) => subscriber.error(error));
      });
    return () => {
      for (const timer of timers.values()) clearTimeout(timer);
      watcher.close().catch((error: unknown) => {
        throw error;
      });
    };
  });
}

async function lookAt(dir: string): Promise<WatchEvent | undefined> {
  try {
    const source = await openCheckpoint(dir);
    const identity = complete(dir, await identityOf(dir));
    return { type: 'finished', dir, source, identity };
  } catch (error) {
    if (!(error instanceof DiscernError)) throw error;
    // A folder of something else (logs, a tokenizer) is no checkpoint and no news.
    if (error.code === 'CHECKPOINT_FORMAT_UNKNOWN') return undefined;
    return { type: 'held', dir, error };
  }
}

function complete(dir: string, found: Partial<CheckpointIdentity>): CheckpointIdentity {
  const { run, variant, trainSeed, step, tokens } = found;
  if (run === undefined || variant === undefined || step === undefined || tokens === undefined)
    throw new DiscernError('USAGE', `${dir}: the folder's name does not tell the training step`, {
      hint: 'Name it step-<n>-tokens-<n> or <n>, or publish it with `discern publish DIR --run R --step N`.',
    });
  return { run, variant, trainSeed: trainSeed ?? 0, step, tokens };
}

function byStep(a: WatchEvent, b: WatchEvent): number {
  if (a.type !== 'finished' || b.type !== 'finished') return a.type === b.type ? 0 : a.type === 'finished' ? -1 : 1;
  return a.identity.step - b.identity.step || (a.identity.run < b.identity.run ? -1 : 1);
}

/** Writers that rename into place prepare their files under a hidden name. */
function isHidden(root: string, path: string): boolean {
  return relative(root, path)
    .split(sep)
    .some((part) => part.startsWith('.') && part !== '' && part !== '..');
}
