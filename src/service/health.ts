import { firstValueFrom, from, timeout, TimeoutError } from 'rxjs';
import type { Log } from '../log/log.js';
import type { HealthCheck } from '../web/health.js';
import { CHECKPOINTS } from '../../streams/topics.js';

/** A log that takes longer to answer is of no use to whoever asks. */
const PATIENCE_MS = 2000;

/** Whether the log answers: with Kafka that the brokers do, with the embedded log that its folder can be read. */
export async function logHealth(log: Log, patienceMs = PATIENCE_MS): Promise<HealthCheck> {
  try {
    await firstValueFrom(from(log.end(CHECKPOINTS)).pipe(timeout(patienceMs)));
    return { name: 'log', ok: true, detail: log.description };
  } catch (error) {
    return { name: 'log', ok: false, detail: `${log.description}: ${reasonOf(error, patienceMs)}` };
  }
}

function reasonOf(error: unknown, patienceMs: number): string {
  if (error instanceof TimeoutError) return `no answer in ${patienceMs / 1000} s`;
  return error instanceof Error ? error.message : String(error);
}
