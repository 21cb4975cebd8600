import { stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { watch as watchFiles } from 'chokidar';
import { filter, from, lastValueFrom, mergeMap, Observable, toArray } from 'rxjs';
import { DiscernError } from '../errors.js';
import { openCheckpoint, stepHintOf } from '../sae/readers.js';
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
  /** A folder is looked at once nothing in it has changed for this long, in milliseconds; one second by default. */
  readonly quietMs?: number;
  /** How often incomplete checkpoints are looked at again without a change, in milliseconds; 15 seconds by default. */
  readonly recheckMs?: number;
}

/** A run's folder, its checkpoints' folders, and the files in those. */
const DEPTH = 4;
const QUIET_MS = 1000;
const RECHECK_MS = 15_000;

/** Folders that are looked at together: each has a file open. */
const AT_ONCE = 8;

/**
 * Watches a root folder of training runs and tells of each checkpoint once it is completely written. Those that are
 * there already come first, by step, so that all runs' curves grow together. A folder that is written again (sparsify
 * saves over its last checkpoint) is told of again. What is wrong with a folder is told once.
 */
export function watchCheckpoints(root: string, options: WatchOptions = {}): Observable<WatchEvent> {
  const { quietMs = QUIET_MS, recheckMs = RECHECK_MS } = options;
  return new Observable<WatchEvent>((subscriber) => {
    const early = new Set<string>();
    const timers = new Map<string, NodeJS.Timeout>();
    /** What was last said of the folders that may yet be completed. */
    const incomplete = new Map<string, string>();
    let ready = false;

    const fail = (error: unknown): void => subscriber.error(error);
    const tell = (event: WatchEvent): void => {
      if (event.type === 'caught-up' || isNews(event, incomplete)) subscriber.next(event);
    };
    const look = async (dir: string): Promise<void> => {
      const event = await lookAt(dir);
      if (event === undefined) incomplete.delete(dir);
      else tell(event);
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
        look(dir).catch(fail);
      }, quietMs);
      timers.set(dir, timer);
    };
    const catchUp = async (): Promise<void> => {
      const looks = from(early).pipe(
        mergeMap((dir) => quiet(dir, quietMs).then(() => lookAt(dir)), AT_ONCE),
        filter((event) => event !== undefined),
        toArray(),
      );
      for (const event of (await lastValueFrom(looks)).sort(byStep)) tell(event);
      tell({ type: 'caught-up' });
    };
    // Not everything that completes a checkpoint is a change of its folder: it may be that nothing changes any more.
    const recheck = setInterval(() => {
      for (const dir of incomplete.keys()) look(dir).catch(fail);
    }, recheckMs);

    const watcher = watchFiles(root, { depth: DEPTH, ignored: (path) => isHidden(root, path) })
      .on('add', touched)
      .on('change', touched)
      .on('error', fail)
      .on('ready', () => {
        ready = true;
        catchUp().catch(fail);
      });
    return () => {
      clearInterval(recheck);
      for (const timer of timers.values()) clearTimeout(timer);
      watcher.close().catch((error: unknown) => {
        throw error;
      });
    };
  });
}

/** Whether an event says something new of a folder; keeps account of the incomplete ones. */
function isNews(event: Exclude<WatchEvent, { type: 'caught-up' }>, incomplete: Map<string, string>): boolean {
  if (event.type === 'finished' || event.error.code !== 'CHECKPOINT_INCOMPLETE') {
    incomplete.delete(event.dir);
    return true;
  }
  const news = incomplete.get(event.dir) !== event.error.message;
  incomplete.set(event.dir, event.error.message);
  return news;
}

/** Waits, if the folder has just been written to, until it might be done. */
async function quiet(dir: string, quietMs: number): Promise<void> {
  const { mtimeMs } = await stat(dir).catch(() => ({ mtimeMs: 0 }));
  const wait = Math.min(quietMs, mtimeMs + quietMs - Date.now());
  if (wait > 0) await setTimeoutPromise(wait);
}

async function lookAt(dir: string): Promise<WatchEvent | undefined> {
  try {
    const source = await openCheckpoint(dir);
    const identity = complete(dir, source.format, await identityOf(dir));
    return { type: 'finished', dir, source, identity };
  } catch (error) {
    if (!(error instanceof DiscernError)) throw error;
    // A folder of something else (logs, a tokenizer) is no checkpoint and no news.
    if (error.code === 'CHECKPOINT_FORMAT_UNKNOWN') return undefined;
    return { type: 'held', dir, error };
  }
}

function complete(dir: string, format: string, found: Partial<CheckpointIdentity>): CheckpointIdentity {
  const { run, variant, trainSeed, step, tokens } = found;
  if (run === undefined || variant === undefined || step === undefined || tokens === undefined)
    throw new DiscernError('CHECKPOINT_STEP_UNKNOWN', `${dir}: the folder's name does not tell the training step`, {
      hint: stepHintOf(format),
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
