import { Worker } from 'node:worker_threads';
import { Observable } from 'rxjs';
import { DiscernError } from '../errors.js';
import { unwrap } from '../evaluation/thread-result.js';
import { workerFile } from '../worker-file.js';
import type { PanelEvent } from './panel-events.js';
import type { PanelOptions } from './panel-training.js';
import type { WorkerMessage } from './worker.js';

/**
 * Trains a panel of small SAEs on a synthetic model in a thread of its own.
 *
 * 1. Each subscription trains the panel anew, from the start; the same options give the same checkpoints.
 * 2. Emits each checkpoint once its folder is complete, and `finished` once for each run, after its last checkpoint.
 * 3. Completes when all runs have finished; errors with a DiscernError when training fails.
 * 4. Unsubscribing ends the thread. A checkpoint that was being written stays hidden and is overwritten next time.
 */
export function trainPanel(options: PanelOptions): Observable<PanelEvent> {
  return new Observable((subscriber) => {
    const worker = new Worker(workerFile(import.meta.url, './worker.js'), { workerData: options });
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'event') {
        subscriber.next(message.event);
        return;
      }
      try {
        unwrap(message.result);
        subscriber.complete();
      } catch (error) {
        subscriber.error(error);
      }
    });
    worker.on('error', (error) => subscriber.error(error));
    worker.on('exit', (code) =>
      subscriber.error(new DiscernError('EVALUATION_FAILED', `the training thread ended early with code ${code}`)),
    );
    return () => {
      worker.terminate().catch((error: unknown) => {
        throw error;
      });
    };
  });
}
