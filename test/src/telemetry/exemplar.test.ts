import { describe, expect, it } from '@jest/globals';
import { exemplarOf } from '../../../src/telemetry/exemplar.js';
import { renderMetrics } from '../../../src/telemetry/render-metrics.js';
import { createTelemetry } from '../../../src/telemetry/telemetry.js';
import { stateOf } from './states.js';

describe('exemplars', () => {
  it('name the run and the step', () => {
    expect(exemplarOf({ run: 'topk-k16', step: 1200 })).toEqual({ run: 'topk-k16', step: '1200' });
  });

  it('are left out where OpenMetrics has no room for the name of the run', () => {
    expect(exemplarOf({ run: 'r'.repeat(120), step: 1 })).toEqual({ run: 'r'.repeat(120), step: '1' });
    expect(exemplarOf({ run: 'r'.repeat(121), step: 1 })).toEqual({});
  });

  it('lead from a score and from a duration to the checkpoint, in OpenMetrics', async () => {
    const telemetry = createTelemetry({ state: () => stateOf() });
    const exemplarLabels = exemplarOf({ run: 'topk-k16', step: 1200 });
    telemetry.scores.scores.inc({ labels: { panel: 'p', metric: 'tpp', param: 'n=20' }, exemplarLabels });
    telemetry.evaluationDuration.observe({ labels: { metric: 'tpp' }, value: 0.3, exemplarLabels });
    const lines = async (accept: string) => (await renderMetrics(telemetry.registry, accept)).body.split('\n');
    const exemplar = / # \{run="topk-k16",step="1200"\} \S+ \d+(\.\d+)?$/;
    const openMetrics = (await lines('application/openmetrics-text')).filter((line) => exemplar.test(line));
    expect(openMetrics.map((line) => line.split(' # ')[0])).toEqual([
      'discern_evaluation_duration_seconds_bucket{le="0.5",metric="tpp"} 1',
      'discern_scores_total{panel="p",metric="tpp",param="n=20"} 1',
    ]);
    expect((await lines('text/plain')).filter((line) => line.includes(' # {'))).toEqual([]);
  });
});
