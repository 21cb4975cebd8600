import { fromEvent, merge, take, type Observable } from 'rxjs';

/** Emits once when the process is asked to end (Ctrl-C, `docker stop`). A second Ctrl-C ends it at once. */
export function interrupted(): Observable<unknown> {
  return merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')).pipe(take(1));
}
