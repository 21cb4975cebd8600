import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects this thread's garbage now. V8 does not count shared memory when it decides when to: a thread that makes
 * buffers and passes them on has a small heap, and would keep those of hundreds of checkpoints alive.
 */
export function collectGarbage(): void {
  gc ??= exposeGc();
  gc();
}

let gc: (() => void) | undefined;

function exposeGc(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
