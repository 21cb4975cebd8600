import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { renderMetrics } from '../../../src/telemetry/render-metrics.js';
import { createTelemetry } from '../../../src/telemetry/telemetry.js';
import { describeWithTool, runTool } from '../../tool.js';
import { checkpoint, stateOf, statistics } from './states.js';

describeWithTool('promtool', 'the series, as promtool sees them', () => {
  it('have help, types and names that Prometheus asks for', async () => {
    const state = stateOf(checkpoint('a', 200, 5000), statistics('tpp', 'n=20'));
    const { registry, scores, evaluationDuration } = createTelemetry({
      state: () => state,
      direction: () => 'higher',
      lag: { lag: () => Promise.resolve([{ topic: 't', partition: 0, records: 7n }]), onError: () => undefined },
      backend: { name: 'cpu', description: 'gpu.js' },
    });
    scores.scores.inc({ labels: { panel: 'p', metric: 'tpp', param: 'n=20' } });
    evaluationDuration.observe({ labels: { metric: 'tpp' }, value: 0.3 });
    const file = join(await mkdtemp(join(tmpdir(), 'discern-metrics-')), 'metrics.txt');
    await writeFile(file, (await renderMetrics(registry)).body);
    // It reads standard input, and says what is wrong with an exit status of 3.
    expect(await runTool('sh', ['-c', `promtool check metrics < '${file}'`])).toBe('');
  });
});
