import { parentPort, workerData } from 'node:worker_threads';
import { answer, type ThreadResult } from '../evaluation/thread-result.js';
import type { PanelEvent } from './panel-events.js';
import { trainRuns, type PanelOptions } from './panel-training.js';

/** What the training thread tells: each event, then how it ended. */
export type WorkerMessage =
  | { readonly type: 'event'; readonly event: PanelEvent }
  | { readonly type: 'end'; readonly result: ThreadResult<null> };

function post(message: WorkerMessage): void {
  parentPort!.postMessage(message);
}

const result = await answer(async () => {
  for await (const event of trainRuns(workerData as PanelOptions)) post({ type: 'event', event });
  return null;
});
post({ type: 'end', result });
