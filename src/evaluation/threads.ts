import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { BackendName } from '../kernels/backend.js';
import { poolThread } from '../worker-file.js';
import type { EncoderAnswers, EncoderJob, StartedBackend } from './encoder-thread.js';
import type { ScorerAnswers, ScorerJob } from './scorer-thread.js';
import { SharedGarbage } from './shared-garbage.js';
import { unwrap, type ThreadResult } from './thread-result.js';

/** How long an encoding may still take when the threads are closed. */
const CLOSE_MS = 300_000;

export interface ThreadSettings {
  readonly backend: BackendName | 'auto';
  /** Threads that score; one a core unless told otherwise. */
  readonly scorers?: number;
}

/**
 * The threads that evaluate: one that owns the compute backend, and as many as there are cores that score. They serve
 * every panel of the process, so the event loop has nothing to do but pass messages.
 */
export class EvaluationThreads {
  private readonly encoder: Piscina;
  private readonly scorers: Piscina;
  private readonly garbage = new SharedGarbage();
  private started: Promise<StartedBackend> | undefined;

  constructor(private readonly settings: ThreadSettings) {
    const scorers = settings.scorers ?? availableParallelism();
    this.encoder = new Piscina({
      ...poolThread(import.meta.url, './encoder-thread.js'),
      maxThreads: 1,
      closeTimeout: CLOSE_MS,
    });
    this.scorers = new Piscina({
      ...poolThread(import.meta.url, './scorer-thread.js'),
      minThreads: 0,
      maxThreads: scorers,
      idleTimeout: 60_000,
    });
  }

  /**
   * Which backend runs, started on the first call.
   *
   * @throws DiscernError BACKEND_UNAVAILABLE when a backend was asked for by name and is not there
   */
  backend(): Promise<StartedBackend> {
    this.started ??= this.encode({ kind: 'start', backend: this.settings.backend });
    return this.started;
  }

  /**
   * Goes on with the next backend because the one of `generation` failed.
   *
   * @returns the backend that runs from now on; undefined when there is no other, or one was asked for by name
   */
  async fallBack(generation: number, reason: string): Promise<StartedBackend | undefined> {
    const next = await this.encode({ kind: 'fallBack', generation, reason });
    if (next === null) return undefined;
    this.started = Promise.resolve(next);
    return next;
  }

  async encode<K extends EncoderJob['kind']>(job: EncoderJob & { readonly kind: K }): Promise<EncoderAnswers[K]> {
    const result = unwrap((await this.encoder.run(job)) as ThreadResult<EncoderAnswers[K]>);
    this.account(job, result);
    return result;
  }

  private account(job: EncoderJob, answer: unknown): void {
    if (job.kind === 'open' || job.kind === 'encode' || job.kind === 'multiply') this.garbage.take(job.id, answer);
    // Later: whoever closes a checkpoint still has it on the stack.
    if (job.kind === 'close') setImmediate(() => this.garbage.letGo(job.id));
  }

  /** Scores, or prepares what scores need, in whichever of the threads is free. */
  async score<K extends ScorerJob['kind']>(job: ScorerJob & { readonly kind: K }): Promise<ScorerAnswers[K]> {
    return unwrap((await this.scorers.run(job)) as ThreadResult<ScorerAnswers[K]>);
  }

  /** Gives up what scores, and lets the encoder finish its job: a thread that ends amid native code takes all with it. */
  async close(): Promise<void> {
    await Promise.all([this.encoder.close({ force: true }), this.scorers.destroy()]);
  }
}
