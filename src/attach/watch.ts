import { stat } from 'node:fs/promises';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { defer, exhaustMap, filter, from, interval, lastValueFrom, mergeMap, Observable, toArray } from 'rxjs';
import { Looks, type Finding } from './looks.js';
import { noticesOf, type Notice } from './notices.js';

/** What happened to a checkpoint folder under watch. */
export type WatchEvent =
  | Finding
  /** Everything that stood in the folder at the start has been looked at. */
  | { readonly type: 'caught-up' };

export interface WatchOptions {
  /** A folder is looked at once nothing in it has changed for this long, in milliseconds; one second by default. */
  readonly quietMs?: number;
  /** How often the folders are gone through for what no notice came of, in milliseconds; 15 seconds by default. */
  readonly recheckMs?: number;
  /** What makes the watch prompt; the file system's notices by default. */
  readonly notices?: (root: string) => Observable<Notice>;
}

const QUIET_MS = 1000;
const RECHECK_MS = 15_000;

/** Folders that are looked at together: each has a file open. */
const AT_ONCE = 8;

/**
 * Watches a root folder of training runs and tells of each checkpoint once it is completely written. Those that are
 * there already come first, by step, so that all runs' curves grow together. A folder that is written again (sparsify
 * saves over its last checkpoint) is told of again. What is wrong with a folder is told once.
 *
 * The file system's notices make it prompt, but none can be relied on: a network file system gives none of what other
 * machines write, and a folder may be filled between being read and being watched. So all is gone through now and then.
 */
export function watchCheckpoints(root: string, options: WatchOptions = {}): Observable<WatchEvent> {
  const { quietMs = QUIET_MS, recheckMs = RECHECK_MS, notices = noticesOf } = options;
  return new Observable<WatchEvent>((subscriber) => {
    const looks = new Looks();
    const timers = new Map<string, NodeJS.Timeout>();

    const fail = (error: unknown): void => subscriber.error(error);
    const look = async (dir: string): Promise<void> => {
      const finding = await looks.look(dir);
      if (finding !== undefined) subscriber.next(finding);
    };
    const touched = (dir: string): void => {
      if (subscriber.closed) return;
      clearTimeout(timers.get(dir));
      const timer = setTimeout(() => {
        timers.delete(dir);
        look(dir).catch(fail);
      }, quietMs);
      timers.set(dir, timer);
    };
    const sweep = async (): Promise<void> => {
      for (const dir of await looks.due(root)) if (!timers.has(dir)) touched(dir);
    };
    const start = async (): Promise<void> => {
      for (const finding of await firstFindings(looks, root, quietMs)) subscriber.next(finding);
      subscriber.next({ type: 'caught-up' });
      subscriber.add(interval(recheckMs).pipe(exhaustMap(sweep)).subscribe({ error: fail }));
    };
    const noted = (notice: Notice): void => {
      if (notice.type === 'ready') start().catch(fail);
      else touched(notice.dir);
    };

    subscriber.add(notices(root).subscribe({ next: noted, error: fail }));
    return () => {
      for (const timer of timers.values()) clearTimeout(timer);
    };
  });
}

/** What stands in the folder at the start, by step. */
async function firstFindings(looks: Looks, root: string, quietMs: number): Promise<readonly Finding[]> {
  const findings = defer(() => looks.due(root)).pipe(
    mergeMap((dirs) => from(dirs)),
    mergeMap((dir) => quiet(dir, quietMs).then(() => looks.look(dir)), AT_ONCE),
    filter((finding) => finding !== undefined),
    toArray(),
  );
  return (await lastValueFrom(findings)).sort(byStep);
}

/** Waits, if the folder has just been written to, until it might be done. */
async function quiet(dir: string, quietMs: number): Promise<void> {
  const { mtimeMs } = await stat(dir).catch(() => ({ mtimeMs: 0 }));
  const wait = Math.min(quietMs, mtimeMs + quietMs - Date.now());
  if (wait > 0) await setTimeoutPromise(wait);
}

function byStep(a: Finding, b: Finding): number {
  if (a.type !== 'finished' || b.type !== 'finished') return a.type === b.type ? 0 : a.type === 'finished' ? -1 : 1;
  return a.identity.step - b.identity.step || (a.identity.run < b.identity.run ? -1 : 1);
}
