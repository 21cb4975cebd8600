import { describe, expect, it } from '@jest/globals';
import { foldObservation } from '../../../src/telemetry/fold-observation.js';
import type { Observation, ObservedState } from '../../../src/telemetry/observed-state.js';
import { renderMetrics } from '../../../src/telemetry/render-metrics.js';
import type { Direction } from '../../../src/metrics/metric.js';
import { createTelemetry, type TelemetryOptions } from '../../../src/telemetry/telemetry.js';
import { LIMITS, STATISTICS, checkpoint, stateOf, statistics } from './states.js';

const SCORED = stateOf(checkpoint('a', 200, 5000), checkpoint('b', 200, 6000), statistics('tpp', 'n=20'));

async function scrape(state: ObservedState, options: Partial<TelemetryOptions> = {}): Promise<string[]> {
  const { registry } = createTelemetry({ state: () => state, ...options });
  return series((await renderMetrics(registry)).body);
}

const series = (text: string): string[] => text.split('\n').filter((line) => /^discern_[^ ]*\{/.test(line));

describe('createTelemetry', () => {
  it('derives every gauge from the observed state', async () => {
    expect((await scrape(SCORED)).sort()).toEqual(
      [
        'discern_last_checkpoint_timestamp_seconds{panel="p",run="a"} 5',
        'discern_last_checkpoint_timestamp_seconds{panel="p",run="b"} 6',
        'discern_run_step{panel="p",run="a"} 200',
        'discern_run_step{panel="p",run="b"} 200',
        'discern_score{panel="p",metric="tpp",param="n=20",run="a",variant="variant-of-a"} 0.6',
        'discern_score{panel="p",metric="tpp",param="n=20",run="b",variant="variant-of-b"} 0.3',
        'discern_score_stderr{panel="p",metric="tpp",param="n=20",run="a",variant="variant-of-a"} 0.01',
        'discern_score_stderr{panel="p",metric="tpp",param="n=20",run="b",variant="variant-of-b"} 0.01',
        'discern_reseed_cv_ratio{panel="p",metric="tpp",param="n=20"} 0.04',
        'discern_reseed_stddev{panel="p",metric="tpp",param="n=20"} 0.02',
        'discern_detectable_difference{panel="p",metric="tpp",param="n=20",design="unpaired",seeds="1"} 0.062',
        'discern_detectable_difference{panel="p",metric="tpp",param="n=20",design="unpaired",seeds="5"} 0.028',
        'discern_detectable_difference{panel="p",metric="tpp",param="n=20",design="paired",seeds="1"} 0.07',
        'discern_discriminability_snr{panel="p",metric="tpp",param="n=20"} 10',
        'discern_resolved_pairs_ratio{panel="p",metric="tpp",param="n=20"} 1',
        'discern_rank_stability_tau{panel="p",metric="tpp",param="n=20"} -1',
        'discern_ground_truth_spearman{panel="p",metric="tpp",param="n=20",reference="gt_f1"} -1',
        'discern_trajectory_spearman{panel="p",metric="tpp",param="n=20",run="a",variant="variant-of-a"} 1',
        'discern_trajectory_spearman{panel="p",metric="tpp",param="n=20",run="b",variant="variant-of-b"} -1',
        'discern_metric_discriminating{panel="p",metric="tpp",param="n=20"} 1',
        'discern_verdict{panel="p",metric="tpp",param="n=20",lens="noise",verdict="good"} 1',
        'discern_verdict{panel="p",metric="tpp",param="n=20",lens="validity",verdict="unknown"} 1',
        'discern_verdict{panel="p",metric="tpp",param="n=20",lens="discriminability",verdict="good"} 1',
      ].sort(),
    );
  });

  it('has no series for what is not defined', async () => {
    const { checkpoints } = STATISTICS;
    const bare = { checkpoints, noise: {}, discriminability: { by_step: { 200: {} } }, trajectory: {}, validity: {} };
    const lines = await scrape(stateOf(statistics('tpp', 'n=20', bare)));
    expect(lines.join('\n')).not.toMatch(
      /cv_ratio|stddev|detectable|snr|resolved|tau|spearman|discriminating|verdict|last_checkpoint|Nan/,
    );
    expect(lines.some((line) => line.startsWith('discern_score{'))).toBe(true);
  });

  it('loses the series of a run once it has retired, and its silence once it has finished', async () => {
    const finished = { type: 'finished', at: 0, panel: 'p', run: 'a', step: 200 } as const;
    const ended = [checkpoint('a', 200), checkpoint('b', 200), statistics('tpp', 'n=20'), finished];
    let state = stateOf(...ended);
    const { registry } = createTelemetry({ state: () => state });
    const before = series((await renderMetrics(registry)).body).filter((line) => line.includes('run="a"'));
    expect(before.map((line) => line.split('{')[0])).toEqual([
      'discern_run_step',
      'discern_score',
      'discern_score_stderr',
      'discern_trajectory_spearman',
    ]);
    state = stateOf(...ended, { type: 'tick', at: 10_000 });
    const after = series((await renderMetrics(registry)).body);
    expect(after.filter((line) => line.includes('run="a"'))).toEqual([]);
    expect(after.some((line) => line.includes('run="b"'))).toBe(true);
  });

  it('shows what has changed since the last scrape', async () => {
    let state = SCORED;
    const { registry } = createTelemetry({ state: () => state });
    const score = async (): Promise<string[]> =>
      series((await renderMetrics(registry)).body).filter((line) => /^discern_score\{.*run="a"/.test(line));
    expect(await score()).toEqual([expect.stringMatching(/ 0\.6$/)]);
    const checkpoints = STATISTICS.checkpoints.map((one) => (one.step === 200 ? { ...one, mean: 0.7 } : one));
    const later: Observation = statistics('tpp', 'n=20', { ...STATISTICS, checkpoints });
    state = foldObservation(state, later, LIMITS);
    expect(await score()).toEqual([expect.stringMatching(/ 0\.7$/)]);
  });

  it('counts what the pipelines tell it', async () => {
    const telemetry = createTelemetry({ state: () => stateOf() });
    telemetry.checkpoints.received.inc({ panel: 'p' });
    telemetry.checkpoints.evaluated.inc({ panel: 'p' });
    telemetry.scores.scores.inc({ labels: { panel: 'p', metric: 'tpp', param: 'n=20' }, value: 7 });
    telemetry.scores.conflicts.inc({ labels: { panel: 'p', metric: 'tpp', param: 'n=20' } });
    telemetry.deadLetters.inc({ topic: 'discern.checkpoints.v1', reason: 'checkpoint_corrupt' });
    telemetry.evaluationDuration.observe({ labels: { metric: 'tpp' }, value: 0.3 });
    expect(series((await renderMetrics(telemetry.registry)).body)).toEqual(
      expect.arrayContaining([
        'discern_checkpoints_received_total{panel="p"} 1',
        'discern_checkpoints_evaluated_total{panel="p"} 1',
        'discern_scores_total{panel="p",metric="tpp",param="n=20"} 7',
        'discern_score_conflicts_total{panel="p",metric="tpp",param="n=20"} 1',
        'discern_dead_letters_total{topic="discern.checkpoints.v1",reason="checkpoint_corrupt"} 1',
        'discern_evaluation_duration_seconds_bucket{le="0.5",metric="tpp"} 1',
        'discern_evaluation_duration_seconds_sum{metric="tpp"} 0.3',
      ]),
    );
  });

  it('asks the log for its lag at each scrape, and goes on without when it cannot say', async () => {
    const errors: unknown[] = [];
    const failure = new Error('no broker');
    let answer = Promise.resolve([{ topic: 't', partition: 2, records: 7n }]);
    const lag = { lag: () => answer, onError: (error: unknown) => errors.push(error) };
    const { registry } = createTelemetry({ state: () => SCORED, lag });
    expect((await renderMetrics(registry)).body).toContain('discern_consumer_lag_records{topic="t",partition="2"} 7');
    answer = Promise.reject(failure);
    expect((await renderMetrics(registry)).body).not.toContain('discern_consumer_lag_records{');
    expect(errors).toEqual([failure]);
  });

  it('says which way a metric is better, where that is known', async () => {
    const state = stateOf(statistics('tpp', 'n=20'), statistics('mse', ''), statistics('l0', ''));
    const direction = (metric: string): Direction =>
      metric === 'tpp' ? 'higher' : metric === 'mse' ? 'lower' : 'neither';
    const lines = (await scrape(state, { direction })).filter((line) => line.startsWith('discern_metric_direction'));
    expect(lines).toEqual([
      'discern_metric_direction{panel="p",metric="tpp",param="n=20"} 1',
      'discern_metric_direction{panel="p",metric="mse",param=""} -1',
    ]);
  });

  it('names the backend', async () => {
    const lines = await scrape(stateOf(), { backend: { name: 'webasm', description: 'gpu.js 2.24, 2 threads' } });
    expect(lines).toEqual(['discern_backend_info{backend="webasm",description="gpu.js 2.24, 2 threads"} 1']);
  });

  it('has no label for what is not bounded: step, task, seed', async () => {
    const lag = { lag: () => Promise.resolve([]), onError: () => undefined };
    const backend = { name: 'cpu', description: '' };
    const { registry } = createTelemetry({ state: () => SCORED, lag, backend });
    const labels = new Set<string>();
    for (const { values } of await registry.getMetricsAsJSON())
      for (const value of values) for (const label of Object.keys(value.labels)) labels.add(label);
    expect([...labels].filter((label) => ['step', 'task', 'seed', 'tokens', 'trainSeed'].includes(label))).toEqual([]);
    expect(labels).toContain('metric');
  });

  it('escapes names that would break a line', async () => {
    const odd = { ...statistics('tpp', 'n=20'), panel: 'a "b"\nc\\' } as never;
    expect((await scrape(stateOf(odd))).join('\n')).toContain('panel="a \\"b\\"\\nc\\\\"');
  });
});

describe('renderMetrics', () => {
  it('shows at each scrape what is so then, whatever was shown before', async () => {
    let state = SCORED;
    const { registry } = createTelemetry({ state: () => state });
    const states = [
      SCORED,
      stateOf(checkpoint('a', 200), checkpoint('b', 300), statistics('tpp', 'n=20'), statistics('scr', 'n=5')),
      stateOf(checkpoint('b', 300), statistics('scr', 'n=5')),
      SCORED,
    ];
    for (state of states) expect(series((await renderMetrics(registry)).body)).toEqual(await scrape(state));
  });

  it('writes OpenMetrics where it is asked for, and Prometheus text before and after it', async () => {
    const telemetry = createTelemetry({ state: () => SCORED });
    telemetry.checkpoints.received.inc({ panel: 'p' });
    const before = await renderMetrics(telemetry.registry, 'text/plain');
    const open = await renderMetrics(telemetry.registry, 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
    const after = await renderMetrics(telemetry.registry);
    expect(open.contentType).toContain('application/openmetrics-text');
    expect(open.body).toContain('# TYPE discern_checkpoints_received counter');
    expect(open.body).toContain('discern_checkpoints_received_total{panel="p"} 1');
    expect(open.body).toContain('discern_score{');
    expect(open.body.endsWith('# EOF\n')).toBe(true);
    expect(after.contentType).toContain('text/plain');
    expect(series(after.body)).toEqual(series(before.body));
    expect(after.body).toContain('# TYPE discern_checkpoints_received_total counter');
  });
});
