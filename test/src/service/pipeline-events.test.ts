import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { reportEvents } from '../../../src/service/pipeline-events.js';
import {
  NOTHING_OBSERVED,
  type EvaluationCompleted,
  type EvaluationStarted,
} from '../../../src/telemetry/observed-state.js';
import { renderMetrics } from '../../../src/telemetry/render-metrics.js';
import { createTelemetry } from '../../../src/telemetry/telemetry.js';
import type { EventSink } from '../../../streams/telemetry.js';

const CHECKPOINT = { panel: 'p', run: 'r', step: 100 };

let sink: EventSink;
let progress: (EvaluationStarted | EvaluationCompleted)[];
let lines: Record<string, unknown>[];
let metrics: (name: string) => Promise<string[]>;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
  const telemetry = createTelemetry({ state: () => NOTHING_OBSERVED });
  lines = [];
  const destination = new Writable({
    write(text: Buffer, _, done) {
      lines.push(JSON.parse(text.toString()) as Record<string, unknown>);
      done();
    },
  });
  const reports = reportEvents(telemetry, pino({ level: 'debug', base: null }, destination));
  progress = [];
  reports.progress$.subscribe((event) => progress.push(event));
  ({ sink } = reports);
  metrics = async (name) =>
    (await renderMetrics(telemetry.registry)).body.split('\n').filter((line) => line.startsWith(`${name}{`));
});

afterEach(() => {
  jest.useRealTimers();
});

function pass(ms: number): void {
  jest.setSystemTime(Date.now() + ms);
}

describe('reported events', () => {
  it('count checkpoints that are received and evaluated, by panel', async () => {
    sink({ type: 'checkpoint-received', ...CHECKPOINT });
    sink({ type: 'checkpoint-received', ...CHECKPOINT, step: 200 });
    sink({ type: 'evaluation-started', ...CHECKPOINT });
    sink({ type: 'checkpoint-evaluated', ...CHECKPOINT, scores: 8, seconds: {} });
    expect(await metrics('discern_checkpoints_received_total')).toEqual([
      'discern_checkpoints_received_total{panel="p"} 2',
    ]);
    expect(await metrics('discern_checkpoints_evaluated_total')).toEqual([
      'discern_checkpoints_evaluated_total{panel="p"} 1',
    ]);
  });

  it('give the duration of metrics, but not of the stages before them', async () => {
    const seconds = { read: 1, encode: 2, core: 3, sae_probes: 4 };
    sink({ type: 'checkpoint-evaluated', ...CHECKPOINT, scores: 8, seconds });
    expect(await metrics('discern_evaluation_duration_seconds_sum')).toEqual([
      'discern_evaluation_duration_seconds_sum{metric="core"} 3',
      'discern_evaluation_duration_seconds_sum{metric="sae_probes"} 4',
    ]);
  });

  it('tell the live page what is evaluated, and how long it took', () => {
    sink({ type: 'evaluation-started', ...CHECKPOINT });
    pass(2500);
    sink({ type: 'checkpoint-evaluated', ...CHECKPOINT, scores: 8, seconds: {} });
    expect(progress).toEqual([
      { type: 'evaluating', at: 1_000_000, ...CHECKPOINT },
      { type: 'evaluated', at: 1_002_500, ...CHECKPOINT, scores: 8, seconds: 2.5 },
    ]);
    expect(lines).toMatchObject([
      { ...CHECKPOINT, msg: 'evaluating' },
      { ...CHECKPOINT, scores: 8, seconds: 2.5, msg: 'evaluated' },
    ]);
  });

  it('count the time of a retried evaluation from its last start', () => {
    sink({ type: 'evaluation-started', ...CHECKPOINT });
    pass(4000);
    sink({ type: 'evaluation-retried', ...CHECKPOINT, attempt: 1, error: 'lost the device' });
    sink({ type: 'evaluation-started', ...CHECKPOINT });
    pass(1000);
    sink({ type: 'checkpoint-evaluated', ...CHECKPOINT, scores: 8, seconds: {} });
    expect(progress.at(-1)).toMatchObject({ type: 'evaluated', seconds: 1 });
  });

  it('keep nothing of an evaluation that failed', () => {
    sink({ type: 'evaluation-started', ...CHECKPOINT });
    pass(5000);
    sink({ type: 'evaluation-failed', ...CHECKPOINT });
    // Without a start there is no duration: what it was started at before must not show.
    sink({ type: 'checkpoint-evaluated', ...CHECKPOINT, scores: 8, seconds: {} });
    expect(progress.at(-1)).toMatchObject({ type: 'evaluated', seconds: 0 });
  });

  it('count dead letters by topic and reason, and say what was wrong', async () => {
    const letter = { type: 'dead-letter', topic: 'discern.checkpoints.v1', reason: 'checkpoint_corrupt' } as const;
    sink({ ...letter, error: 'w.safetensors: broken' });
    sink({ ...letter, error: 'v.safetensors: broken' });
    expect(await metrics('discern_dead_letters_total')).toEqual([
      'discern_dead_letters_total{topic="discern.checkpoints.v1",reason="checkpoint_corrupt"} 2',
    ]);
    expect(lines[0]).toMatchObject({ level: 40, reason: 'checkpoint_corrupt', error: 'w.safetensors: broken' });
  });

  it('log runs that finish, and, for those who look closely, chunks that are dropped', () => {
    sink({ type: 'run-finished', ...CHECKPOINT });
    sink({ type: 'chunk-dropped', run: 'r', step: 100 });
    expect(lines).toMatchObject([
      { level: 30, run: 'r', step: 100, msg: 'run finished' },
      { level: 20, run: 'r', step: 100, msg: 'chunk of a refused checkpoint' },
    ]);
    expect(progress).toEqual([]);
  });
});
