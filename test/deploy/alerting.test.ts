import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openEmbeddedLog } from '../../src/log/embedded.js';
import type { Log, NewRecord } from '../../src/log/log.js';
import { encodeRecord } from '../../streams/codec.js';
import { checkpointKey, scoreKey } from '../../streams/keys.js';
import type { ScoreRecord } from '../../streams/records.js';
import { CHECKPOINTS, EVALUATIONS, TOPICS } from '../../streams/topics.js';
import { eventually, Prometheus } from '../../bench/support/prometheus.js';
import { writeTinyPanel } from '../src/cli/tiny-panel.js';
import { Serving } from '../src/service/serving.js';
import { ALERTMANAGER, describeWithTool } from '../tool.js';
import { Alertmanager, Webhook, type Told } from './alertmanager.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const RUNS = ['a', 'b', 'c', 'd'];
const SEEDS = [42, 123, 456, 789, 2024];

describeWithTool([ALERTMANAGER, 'prometheus'], 'from a metric to a webhook', () => {
  let log: Log;
  let serving: Serving;
  let webhook: Webhook;
  let alertmanager: Alertmanager;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const { bundle } = await writeTinyPanel(1);
    const dir = await mkdtemp(join(tmpdir(), 'discern-log-'));
    log = await openEmbeddedLog(dir);
    await log.ensureTopics(TOPICS);
    serving = new Serving(['--panel', `tiny=${bundle}`, '--log-embedded-dir', dir]);
    await serving.until('the page', () => serving.all('the live page is up').length > 0);
    webhook = await Webhook.start();
    alertmanager = await Alertmanager.start(at('deploy/alertmanager/alertmanager.yml'), webhook.url);
    prometheus = await Prometheus.start({
      target: new URL(String(serving.all('the live page is up')[0].url)).host,
      rules: await hurried(['discern-recording.yml', 'discern-alerts.yml']),
      alertmanager: alertmanager.address,
    });
  }, 300_000);

  afterAll(async () => {
    await prometheus.stop();
    await alertmanager.stop();
    await webhook.stop();
    await serving.stop();
    await log.close();
  });

  const told = (status: Told['status'], alertname: string): Told | undefined =>
    webhook.told.find((alert) => alert.status === status && alert.labels.alertname === alertname);
  const tells = (status: Told['status'], alertname: string): Promise<void> =>
    eventually(`${alertname} is ${status}`, () => Promise.resolve(told(status, alertname) !== undefined));
  /** Scores of a metric over steps, with the runs this far apart; reseed noise is about 0.01. */
  const play = (steps: readonly number[], gap: number): Promise<void> =>
    log.store({ records: steps.flatMap((step) => scoresAt(step, gap)), done: [] });

  it('tells of a metric that stops discriminating, and of its recovery', async () => {
    await play([1, 2, 3, 4, 5], 0.1);
    await eventually('the metric is known to discriminate', async () => {
      const [sample] = await prometheus.query('discern_metric_discriminating{metric="mine"}');
      return sample.value[1] === '1';
    });
    expect(told('firing', 'DiscernMetricStoppedDiscriminating')).toBeUndefined();
    await play([6, 7, 8, 9, 10, 11, 12], 0);
    await tells('firing', 'DiscernMetricStoppedDiscriminating');
    expect(told('firing', 'DiscernMetricStoppedDiscriminating')).toMatchObject({
      labels: { panel: 'tiny', metric: 'mine', param: 'k=1', severity: 'warning' },
      annotations: { summary: 'mine k=1 no longer tells the runs of tiny apart' },
    });
    await play([13, 14, 15, 16, 17], 0.1);
    await tells('resolved', 'DiscernMetricStoppedDiscriminating');
  }, 300_000);

  it('links to a runbook that is there', async () => {
    const link = told('firing', 'DiscernMetricStoppedDiscriminating')?.annotations.runbook_url;
    expect(await (await fetch(String(link))).text()).toContain('<h2>Mitigation</h2>');
  });

  it('tells of a record that became a dead letter', async () => {
    await log.store({
      records: [{ topic: CHECKPOINTS, key: checkpointKey('x'), value: Buffer.from('no msgpack') }],
      done: [],
    });
    await tells('firing', 'DiscernDeadLetters');
    expect(told('firing', 'DiscernDeadLetters')?.labels).toMatchObject({ topic: CHECKPOINTS });
    await tells('resolved', 'DiscernDeadLetters');
  }, 300_000);

  it('tells of a run that falls silent, and of its end', async () => {
    const identity = { panel: 'tiny', run: 'silent', step: 1 };
    const weights = { uri: 'file:///nowhere', sha256: '0'.repeat(64), bytes: 1 };
    await log.store({
      records: [
        checkpointRecord('silent', {
          ...{ v: 1, type: 'checkpoint', ...identity, variant: 'v', trainSeed: 0, tokens: 1 },
          ...{ format: 'sae_lens', config: {}, weights, publishedAt: new Date().toISOString() },
        }),
      ],
      done: [],
    });
    await tells('firing', 'DiscernRunSilent');
    expect(told('firing', 'DiscernRunSilent')?.labels).toMatchObject({ panel: 'tiny', run: 'silent' });
    await log.store({ records: [checkpointRecord('silent', { v: 1, type: 'finished', ...identity })], done: [] });
    await tells('resolved', 'DiscernRunSilent');
  }, 300_000);

  it('tells of a Discern that is gone', async () => {
    await serving.kill();
    await tells('firing', 'DiscernDown');
  }, 300_000);
});

/** The rules an operator applies, with every wait of minutes made one of seconds. */
async function hurried(files: readonly string[]): Promise<readonly string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'discern-rules-'));
  return Promise.all(
    files.map(async (file) => {
      const rules = await readFile(at(`deploy/prometheus/rules/${file}`), 'utf8');
      const path = join(dir, file);
      await writeFile(path, rules.replace(/\b(\d+)m\b/g, '$1s').replace('> 3600', '> 10'));
      return path;
    }),
  );
}

function checkpointRecord(run: string, value: Parameters<typeof encodeRecord>[0]): NewRecord {
  return { topic: CHECKPOINTS, key: checkpointKey(run), value: encodeRecord(value) };
}

function scoresAt(step: number, gap: number): NewRecord[] {
  return RUNS.flatMap((run, i) =>
    SEEDS.map((seed, j): NewRecord => {
      // No randomness is needed: sines of unrelated phases scatter enough.
      const noise = 0.01 * Math.sin(37.7 * step + 11.3 * i + 5.1 * j * j);
      const identity = { panel: 'tiny', run, step, metric: 'mine', param: 'k=1', task: null, seed };
      const score: ScoreRecord = {
        ...{ v: 1, type: 'score', ...identity, variant: run, trainSeed: 0, tokens: step },
        ...{ value: 0.5 + i * gap + noise, evaluatedAt: new Date().toISOString() },
      };
      return { topic: EVALUATIONS, key: scoreKey(identity), value: encodeRecord(score) };
    }),
  );
}
