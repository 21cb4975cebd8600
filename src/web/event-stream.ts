import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { filter, firstValueFrom, race, timer, type BehaviorSubject, type Observable } from 'rxjs';
import type { ObservedState } from '../telemetry/observed-state.js';
import type { StateView } from './state-view.js';

export interface EventStreamOptions {
  readonly states: BehaviorSubject<ObservedState>;
  readonly view: StateView;
  /** Emits when the client has gone or the server closes. */
  readonly closed: Observable<unknown>;
  /** At most one update in this time. */
  readonly throttleMs: number;
  /** A comment after this long without an update, so that proxies keep the connection and a dead one is noticed. */
  readonly heartbeatMs: number;
}

/** How long the browser waits before it connects again. */
const RETRY_MS = 2000;

/**
 * Server-sent events: a `snapshot`, then an `update` of what changed, as often as the client reads. It is pulled: a
 * slow client gets fewer and larger steps, and the server holds one earlier state for it and no queue.
 */
export function eventStream(options: EventStreamOptions): Readable {
  return Readable.from(events(options), { objectMode: false });
}

async function* events(options: EventStreamOptions): AsyncGenerator<string> {
  const { states, view, closed, throttleMs, heartbeatMs } = options;
  const gone = new AbortController();
  const subscription = closed.subscribe(() => gone.abort());
  const hasGone = (): boolean => gone.signal.aborted;
  try {
    let sent = states.value;
    yield `retry: ${String(RETRY_MS)}\n\n${event('snapshot', view.overview(sent, Date.now()))}`;
    while (!hasGone()) {
      await changeOrHeartbeat(states, sent, closed, heartbeatMs);
      if (hasGone()) return;
      const now = states.value;
      const update = view.update(sent, now, Date.now());
      sent = now;
      yield update === undefined ? ': heartbeat\n\n' : event('update', update);
      await sleep(throttleMs, undefined, { signal: gone.signal }).catch(ignoreAbort);
    }
  } finally {
    subscription.unsubscribe();
  }
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Resolves at a state other than the one that was sent, after the heartbeat's time, or once the client has gone. */
async function changeOrHeartbeat(
  states: Observable<ObservedState>,
  sent: ObservedState,
  closed: Observable<unknown>,
  heartbeatMs: number,
): Promise<void> {
  const change = states.pipe(filter((state) => state !== sent));
  await firstValueFrom(race<unknown[]>(closed, change, timer(heartbeatMs)), { defaultValue: undefined });
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
