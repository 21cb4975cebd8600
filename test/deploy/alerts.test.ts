import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { describeWithTool, runTool } from '../tool.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const PROMETHEUS = at('deploy/prometheus/prometheus.yml');
const CASES = at('test/deploy/prometheus/');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

const rules = parse(readFileSync(at('deploy/prometheus/rules/discern-alerts.yml'), 'utf8')) as Rules;
const alerts = rules.groups.flatMap((group) => group.rules);

/** Contract §7, and the heartbeat. */
const ALERTS = [
  'DiscernMetricStoppedDiscriminating',
  'DiscernMetricTooNoisy',
  'DiscernMetricMovesBackwards',
  'DiscernMetricContradictsGroundTruth',
  'DiscernRunSilent',
  'DiscernEvaluatorLagging',
  'DiscernDeadLetters',
  'DiscernDown',
  'Watchdog',
];

describe('the alerts', () => {
  it('are those of the contract', () => {
    expect(alerts.map(({ alert }) => alert)).toEqual(ALERTS);
  });

  it.each(alerts)(
    '$alert says how bad it is, what it means and where its runbook is',
    ({ alert, labels, annotations }) => {
      expect(['critical', 'warning', 'info', 'none']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\S/);
      expect(annotations.description).toMatch(/\S/);
      expect(annotations.runbook_url).toBe(`{{ $externalLabels.discern_url }}/runbooks/${alert}`);
    },
  );

  it.each(ALERTS)('%s has a runbook with every section', (alert) => {
    const headings = readFileSync(at(`docs/runbooks/${alert}.md`), 'utf8').match(/^#+ .*$/gm);
    expect(headings).toEqual([`# ${alert}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
  });

  it.each(ALERTS)('%s has cases to be tested with', (alert) => {
    expect(existsSync(`${CASES}${alert}.yml`)).toBe(true);
  });
});

describeWithTool('promtool', 'the rules, as promtool sees them', () => {
  it('are valid, with the configuration that loads them', async () => {
    await expect(runTool('promtool', ['check', 'config', PROMETHEUS])).resolves.toContain('SUCCESS');
  });

  it.each(readdirSync(CASES))('behave as %s says', async (cases) => {
    await expect(runTool('promtool', ['test', 'rules', `${CASES}${cases}`])).resolves.toContain('SUCCESS');
  });
});

describeWithTool('amtool', 'the routes, as amtool sees them', () => {
  const CONFIG = at('deploy/alertmanager/alertmanager.yml');

  it('are valid', async () => {
    await expect(runTool('amtool', ['check-config', CONFIG])).resolves.toContain('SUCCESS');
  });

  it.each([
    { labels: ['alertname=DiscernDown', 'severity=critical'], receiver: 'people' },
    { labels: ['alertname=DiscernMetricTooNoisy', 'severity=info'], receiver: 'people' },
    { labels: ['alertname=Watchdog', 'severity=none'], receiver: 'heartbeat' },
  ])('send $labels to $receiver', async ({ labels, receiver }) => {
    const routes = await runTool('amtool', ['config', 'routes', 'test', `--config.file=${CONFIG}`, ...labels]);
    // Older versions add a warning about the flag.
    expect(routes.split('\n')[0].trim()).toBe(receiver);
  });
});
