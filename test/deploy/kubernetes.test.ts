import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load.js';
import { SETTINGS, variableOf } from '../../src/config/settings.js';
import { EVALUATE_GROUP } from '../../src/service/stages.js';
import { CHECKPOINTS, TOPICS } from '../../streams/topics.js';
import { at, documents } from './files.js';
import { moduleOf, typeErrors, type Manifest } from './kubernetes-types.js';

const require = createRequire(import.meta.url);
const ROOT = 'deploy/kubernetes';
const FOLDERS = ['base', 'components/autoscaling', 'components/monitoring'];

interface Kustomization {
  readonly resources: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
}

const kustomization = (folder: string): Kustomization =>
  documents(join(ROOT, folder, 'kustomization.yaml'))[0] as Kustomization;
const manifests = FOLDERS.flatMap((folder) =>
  kustomization(folder).resources.flatMap((file) => documents(join(ROOT, folder, file)) as Manifest[]),
);

interface Workload extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: {
        readonly volumes: readonly ({ readonly name: string } & Record<string, unknown>)[];
        readonly containers: readonly {
          readonly image: string;
          readonly args: readonly string[];
          readonly env: readonly { readonly name: string }[];
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
          readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
        }[];
      };
    };
  };
}

const workloads = manifests.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind)) as Workload[];
const named = (kind: string, name: string): unknown =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
const config = () => loadConfig({ file: at(`${ROOT}/base/discern.yaml`), environment: {}, flags: new Map() });

describe('the Kubernetes manifests', () => {
  it('are all part of a kustomization', () => {
    expect(kustomization('.')).toMatchObject({ resources: ['base'], components: FOLDERS.slice(1) });
    for (const folder of FOLDERS) {
      const { resources, configMapGenerator = [] } = kustomization(folder);
      const used = ['kustomization.yaml', ...resources, ...configMapGenerator.flatMap(({ files }) => files)];
      expect(readdirSync(at(join(ROOT, folder))).sort()).toEqual(used.sort());
    }
  });

  it.each(manifests.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s is valid by its schema',
    (kind, _, manifest) => {
      const models = require(moduleOf(manifest)) as Record<string, new (data: Manifest) => { validate(): void }>;
      expect(() => new models[kind](manifest).validate()).not.toThrow();
    },
  );

  it('have no key that there is none of', () => {
    expect(typeErrors(manifests)).toEqual([]);
    // The check itself works.
    const [workload] = workloads;
    expect(typeErrors([{ ...workload, spec: { ...workload.spec, replcas: 1 } } as Manifest]).join()).toContain(
      'replcas',
    );
  }, 120_000);

  it('all lie in one namespace', () => {
    const namespaces = manifests.map(({ kind, metadata }) =>
      kind === 'Namespace' ? metadata.name : metadata.namespace,
    );
    expect(new Set(namespaces)).toEqual(new Set(['discern']));
  });

  it.each(workloads.map((workload) => [workload.metadata.name, workload] as const))(
    '%s selects its own pods, and mounts what it has',
    (_, { spec: { selector, template } }) => {
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      const [{ volumeMounts }] = template.spec.containers;
      expect(volumeMounts.map(({ name }) => name).sort()).toEqual(template.spec.volumes.map(({ name }) => name).sort());
    },
  );

  it.each(workloads.map((workload) => [workload.metadata.name, workload] as const))(
    '%s runs Discern with its configuration, and asks it on its port',
    async (_, { spec: { template } }) => {
      const [container] = template.spec.containers;
      const { http, panels, log, evaluate } = await config();
      expect(container.ports).toEqual([{ name: 'http', containerPort: http.port }]);
      expect(container.args.slice(0, 4)).toEqual(['serve', '--config', '/etc/discern/discern.yaml', '--only']);
      for (const probe of ['startupProbe', 'livenessProbe'] as const)
        expect(container[probe].httpGet).toEqual({ path: '/healthz', port: 'http' });
      expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
      const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
      const below = (path: string | undefined): boolean => mounted.some((mount) => path?.startsWith(mount) === true);
      if (!('kafka' in log) || typeof log.kafka.ssl !== 'object') throw new Error('expected Kafka with TLS');
      const paths = [
        log.kafka.ssl.caFile,
        log.kafka.sasl?.passwordFile,
        ...Object.values(panels).map(({ bundle }) => bundle),
      ];
      for (const path of paths) expect([path, below(path)]).toEqual([path, true]);
      if (container.args.includes('evaluate')) expect(below(evaluate.cache.dir)).toBe(true);
      const variables = SETTINGS.map(variableOf);
      for (const { name } of container.env) expect(variables).toContain(name);
    },
  );

  it('name secrets, volumes and images that are said to be needed', () => {
    const needed = readFileSync(at(`${ROOT}/kustomization.yaml`), 'utf8');
    const operations = readFileSync(at('docs/operations.md'), 'utf8');
    const secrets = new Set(
      [...JSON.stringify(manifests).matchAll(/"(?:secretName|name)":"(discern-(?:kafka|http))"/g)].map(
        ([, name]) => name,
      ),
    );
    for (const secret of secrets) {
      expect(needed).toContain(`${secret}:`);
      expect(operations).toContain(`create secret generic ${secret}`);
    }
    expect(operations).toContain('discern-bundles');
    const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };
    const { images = [], configMapGenerator = [] } = kustomization('base');
    expect(images).toMatchObject([{ name: workloads[0].spec.template.spec.containers[0].image, newTag: version }]);
    expect(configMapGenerator).toEqual([{ name: 'discern', files: ['discern.yaml'] }]);
    expect(existsSync(at(`${ROOT}/base/discern.yaml`))).toBe(true);
  });

  it('scale evaluators by the lag of their own group, up to the partitions there are', async () => {
    const { spec } = named('ScaledObject', 'discern-evaluator') as {
      spec: {
        scaleTargetRef: { name: string };
        maxReplicaCount: number;
        triggers: { metadata: Record<string, string>; authenticationRef: { name: string } }[];
      };
    };
    const [{ metadata, authenticationRef }] = spec.triggers;
    const { log } = await config();
    expect(spec.scaleTargetRef.name).toBe((named('Deployment', 'discern-evaluator') as Workload).metadata.name);
    expect(metadata).toMatchObject({ consumerGroup: EVALUATE_GROUP, topic: CHECKPOINTS });
    if ('kafka' in log) expect(metadata.bootstrapServers).toBe(log.kafka.brokers.join(','));
    expect(spec.maxReplicaCount).toBe(TOPICS.find(({ name }) => name === CHECKPOINTS)?.partitions);
    expect(named('TriggerAuthentication', authenticationRef.name)).toBeDefined();
  });

  it("scrape every pod under the name that the alerts ask for, with the page's token", () => {
    const { spec } = named('PodMonitor', 'discern') as {
      spec: {
        jobLabel: string;
        selector: { matchLabels: Record<string, string> };
        podMetricsEndpoints: { port: string; path: string; authorization: { credentials: object } }[];
      };
    };
    for (const { spec: workload } of workloads) {
      expect(workload.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      expect(workload.template.metadata.labels[spec.jobLabel]).toBe('discern');
    }
    expect(spec.podMetricsEndpoints).toMatchObject([{ port: 'http', path: '/metrics' }]);
    expect(spec.podMetricsEndpoints[0].authorization.credentials).toEqual({ name: 'discern-http', key: 'token' });
  });
});
