import { dirname, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { Observable } from 'rxjs';
import { isHiddenName, WATCH_DEPTH } from './file-states.js';

export type Notice =
  /** From now on notices come of what is written. */
  { readonly type: 'ready' } | { readonly type: 'written'; readonly dir: string };

/** The file system's notices of what is written below a root. */
export function noticesOf(root: string): Observable<Notice> {
  return new Observable<Notice>((subscriber) => {
    const tell = (file: string): void => subscriber.next({ type: 'written', dir: dirname(file) });
    const watcher = watch(root, { depth: WATCH_DEPTH, ignoreInitial: true, ignored: (path) => isHidden(root, path) })
      .on('add', tell)
      .on('change', tell)
      .on('ready', () => subscriber.next({ type: 'ready' }))
      .on('error', (error) => subscriber.error(error));
    return () => {
      watcher.close().catch((error: unknown) => {
        throw error;
      });
    };
  });
}

/** The root itself may lie below a hidden folder, and be named with a dot or two. */
function isHidden(root: string, path: string): boolean {
  return relative(root, path)
    .split(sep)
    .some((part) => isHiddenName(part) && part !== '..');
}
