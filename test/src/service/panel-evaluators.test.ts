import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { configSchema, type Config } from '../../../src/config/schema.js';
import { EvaluationThreads } from '../../../src/evaluation/threads.js';
import { PanelEvaluators } from '../../../src/service/panel-evaluators.js';
import { bundleFiles, description } from '../bundle/bundles.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { thrown } from '../tensors/thrown.js';

const folder = temporaryFolders();
const logger = pino({ level: 'silent' });
let threads: EvaluationThreads;
let bundle: string;

beforeAll(async () => {
  threads = new EvaluationThreads({ backend: 'auto', scorers: 1 });
  bundle = await folder(bundleFiles());
});

afterAll(() => threads.close());

const configOf = (panels: Readonly<Record<string, unknown>>): Config => configSchema.parse({ panels });

describe('the evaluators of the panels', () => {
  it('are one a panel, also where two share a bundle', async () => {
    const config = configOf({ a: { bundle, metrics: ['core'] }, b: { bundle, metrics: ['l0'], seeds: [1] } });
    const evaluators = await PanelEvaluators.open(config, threads, logger);
    expect(evaluators.names).toEqual(['a', 'b']);
    expect(evaluators.of('a')).not.toBe(evaluators.of('b'));
    expect(evaluators.of('a')).toBe(evaluators.of('a'));
  });

  it('refuse a panel that is not configured, naming those that are and what to do', async () => {
    const evaluators = await PanelEvaluators.open(configOf({ a: { bundle }, b: { bundle } }), threads, logger);
    const error = await thrown(Promise.resolve().then(() => evaluators.of('c')));
    expect(error).toMatchObject({
      code: 'PANEL_UNKNOWN',
      message: 'panel c is not configured; configured: a, b',
      hint: expect.stringContaining('discern.yaml'),
    });
  });

  it.each(['toString', '__proto__', 'constructor'])('know no panel %s that nobody configured', async (name) => {
    const evaluators = await PanelEvaluators.open(configOf({ a: { bundle } }), threads, logger);
    expect((await thrown(Promise.resolve().then(() => evaluators.of(name)))).code).toBe('PANEL_UNKNOWN');
  });

  it('are not opened when one bundle is not there, naming it', async () => {
    const error = await thrown(
      PanelEvaluators.open(configOf({ a: { bundle }, b: { bundle: '/nowhere' } }), threads, logger),
    );
    expect(error.code).toBe('BUNDLE_INVALID');
    expect(error.message).toContain('/nowhere/bundle.json');
  });

  it('are not opened on a bundle with nothing to evaluate on', async () => {
    const empty = await folder();
    expect((await thrown(PanelEvaluators.open(configOf({ a: { bundle: empty } }), threads, logger))).code).toBe(
      'BUNDLE_EMPTY',
    );
  });

  it('are not opened with a metric that nobody knows, or whose tasks the bundle lacks', async () => {
    const unknown = configOf({ a: { bundle, metrics: ['sae_probe'] } });
    expect((await thrown(PanelEvaluators.open(unknown, threads, logger))).code).toBe('METRIC_UNKNOWN');
    const without = await folder(bundleFiles({ description: description({ tasks: [], datasets: [] }) }));
    const unsupported = configOf({ a: { bundle: without, metrics: ['sae_probes'] } });
    expect((await thrown(PanelEvaluators.open(unsupported, threads, logger))).code).toBe('METRIC_UNSUPPORTED');
  });
});
