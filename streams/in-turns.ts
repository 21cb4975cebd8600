import { Observable, type SchedulerAction, type SchedulerLike } from 'rxjs';

export interface Turns {
  /** A turn ends with the first piece after so many milliseconds, or with a value. */
  readonly turnMs: number;
  readonly scheduler: SchedulerLike;
}

/**
 * The values of work that is done in small pieces, so that the event loop can turn in between: a piece gives a value or
 * undefined. Iterating begins with the subscription and ends with it.
 */
export function inTurns<T>(work: () => Iterator<T | undefined>, { turnMs, scheduler }: Turns): Observable<T> {
  return new Observable((subscriber) => {
    const pieces = work();
    const turn = function (this: SchedulerAction<unknown>): void {
      const end = scheduler.now() + turnMs;
      try {
        for (;;) {
          const piece = pieces.next();
          if (piece.done === true) return subscriber.complete();
          if (piece.value !== undefined) subscriber.next(piece.value);
          if (piece.value !== undefined || scheduler.now() >= end) break;
        }
      } catch (error) {
        return subscriber.error(error);
      }
      this.schedule();
    };
    return scheduler.schedule(turn);
  });
}
