import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBundle } from '../../../src/bundle/open.js';
import type { Bundle } from '../../../src/bundle/bundle.js';
import { DiscernError } from '../../../src/errors.js';
import runEncoderJob, { type EncoderAnswers, type EncoderJob } from '../../../src/evaluation/encoder-thread.js';
import { Evaluator, type EvaluatorSettings } from '../../../src/evaluation/evaluator.js';
import runScorerJob, { type ScorerAnswers, type ScorerJob } from '../../../src/evaluation/scorer-thread.js';
import { unwrap, type ThreadResult } from '../../../src/evaluation/thread-result.js';
import type { BackendName } from '../../../src/kernels/backend.js';
import { resolveMetrics } from '../../../src/metrics/index.js';
import { openCheckpoint } from '../../../src/sae/readers.js';
import type { CheckpointSource } from '../../../src/sae/checkpoint.js';
import { bundleFiles } from '../bundle/bundles.js';
import { saeLensFiles } from '../sae/checkpoints.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';

/**
 * The threads' own code, run here instead of in threads, on a backend that fails while it encodes for as long as
 * it is one of the first `broken`.
 */
class FailingThreads {
  readonly tried: BackendName[] = [];
  private generation = 0;

  constructor(
    private readonly preference: BackendName | 'auto',
    private readonly broken: number,
  ) {}

  async backend(): Promise<EncoderAnswers['start']> {
    const started = await this.run<'start'>({ kind: 'start', backend: this.preference });
    this.generation = started.generation;
    return started;
  }

  async fallBack(generation: number, reason: string): Promise<EncoderAnswers['start'] | undefined> {
    const next = await this.run<'fallBack'>({ kind: 'fallBack', generation, reason });
    if (next !== null) this.tried.push(next.backend);
    return next ?? undefined;
  }

  encode<K extends EncoderJob['kind']>(job: EncoderJob & { readonly kind: K }): Promise<EncoderAnswers[K]> {
    if (job.kind === 'encode' && this.generation < this.broken)
      return Promise.reject(new DiscernError('BACKEND_FAILED', 'the device was lost'));
    return this.run<K>(job);
  }

  async score<K extends ScorerJob['kind']>(job: ScorerJob & { readonly kind: K }): Promise<ScorerAnswers[K]> {
    return unwrap((await runScorerJob(job)) as ThreadResult<ScorerAnswers[K]>);
  }

  private async run<K extends EncoderJob['kind']>(job: EncoderJob): Promise<EncoderAnswers[K]> {
    return unwrap((await runEncoderJob(job)) as ThreadResult<EncoderAnswers[K]>);
  }
}

const folder = temporaryFolders();
const forced = process.env.DISCERN_BACKEND;
let bundle: Bundle;
let source: CheckpointSource;

beforeAll(async () => {
  delete process.env.DISCERN_BACKEND;
  bundle = await openBundle(await folder(bundleFiles()));
  source = await openCheckpoint(await folder(saeLensFiles()));
});
afterAll(() => {
  if (forced !== undefined) process.env.DISCERN_BACKEND = forced;
});

function evaluator(threads: EvaluatorSettings['threads'], warnings: string[] = []): Evaluator {
  const metrics = resolveMetrics(['core']);
  const warn = (message: string): void => void warnings.push(message);
  return new Evaluator({ threads, bundle, metrics, seeds: [1], limits: { maxBytes: 1e9 }, warn });
}

// One after the other: a backend that was given up is not taken again, as in the thread.
describe('a backend that fails while checkpoints are in work', () => {
  it('is followed by the next one, on which all of them are evaluated again', async () => {
    const threads = new FailingThreads('auto', 1);
    const warnings: string[] = [];
    const failing = evaluator(threads, warnings);
    const evaluations = await Promise.all([failing.evaluate(source), failing.evaluate(source)]);
    const [first, second] = evaluations.map(({ scores }) => scores);
    expect(first.find(({ metric }) => metric === 'mse')?.value).toBeGreaterThan(0);
    expect(second).toEqual(first);
    expect(new Set(threads.tried).size).toBe(1);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/failed; the checkpoint is evaluated again on .*: failed: the device was lost/);
  });

  it('is reported when there is no other', async () => {
    const threads = new FailingThreads('auto', 99);
    const error = await evaluator(threads)
      .evaluate(source)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BACKEND_FAILED', message: 'the device was lost' });
    expect(threads.tried.at(-1)).toBe('cpu');
  });

  it('is reported when it was asked for by name', async () => {
    const threads = new FailingThreads('cpu', 99);
    const error = await evaluator(threads)
      .evaluate(source)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BACKEND_FAILED' });
    expect(threads.tried).toEqual([]);
  });
});
