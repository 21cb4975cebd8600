import { concatMap, ignoreElements, type Observable } from 'rxjs';
import type { Delivery, Log, Subscription } from '../src/log/log.js';
import { ignoreEvents, type EventSink, type StageEmission } from './telemetry.js';

export interface RunningPipeline {
  /** Resolves when the pipeline has stopped or the log was closed; rejects when either failed. */
  readonly done: Promise<void>;
  /**
   * Stops reading, waits for the emission that is being stored and abandons what is still being worked on: it was not
   * acknowledged and will be delivered again.
   */
  stop(): Promise<void>;
}

/**
 * Runs a pipeline over a log: what it reads goes in, what comes out is stored, one emission after the other. The
 * pipeline gets more to read only as its emissions are stored: a slow log slows everything down, and nothing piles up.
 */
export function runPipeline(
  log: Log,
  subscription: Subscription,
  pipeline: (deliveries$: Observable<Delivery>) => Observable<StageEmission>,
  events: EventSink = ignoreEvents,
): RunningPipeline {
  let storing = Promise.resolve();
  let stop = (): Promise<void> => Promise.resolve();
  const done = new Promise<void>((resolve, reject) => {
    const running = pipeline(log.read(subscription))
      .pipe(
        concatMap((emission) => (storing = store(log, emission, events))),
        ignoreElements(),
      )
      .subscribe({ error: reject, complete: resolve });
    stop = async () => {
      running.unsubscribe();
      // When the last store failed, the pipeline has failed: `done` and `stop` both say so.
      storing.then(resolve, reject);
      await done;
    };
  });
  return { done, stop: () => stop() };
}

async function store(log: Log, emission: StageEmission, events: EventSink): Promise<void> {
  await log.store(emission);
  for (const event of emission.events ?? []) events(event);
}
