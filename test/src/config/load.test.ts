import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/load.js';
import { SETTINGS, flagOf, variableOf } from '../../../src/config/settings.js';
import { THRESHOLDS } from '../../../src/lenses/index.js';
import { DiscernError } from '../../../src/errors.js';

async function fileWith(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'discern-config-')), 'discern.yaml');
  await writeFile(file, text);
  return file;
}

const sources = (file?: string) => ({
  ...(file === undefined ? {} : { file }),
  environment: {} as Record<string, string | undefined>,
  flags: new Map<string, string>(),
});

async function failure(promise: Promise<unknown>): Promise<DiscernError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DiscernError) return error;
    throw error;
  }
  throw new Error('expected it to be refused');
}

describe('the configuration', () => {
  it('has defaults that work without a file', async () => {
    const config = await loadConfig(sources());
    expect(config.log).toEqual({ embedded: { dir: '.discern/log' } });
    expect(config.http).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(config.panels).toEqual({});
  });

  it('draws the lines of the lenses as documented, each of which can be moved', async () => {
    const file = await fileWith('audit: { directions: { mine: lower }, thresholds: { noise: { bad_cv: 0.3 } } }\n');
    const { audit } = await loadConfig(sources(file));
    expect(audit.directions).toEqual({ mine: 'lower' });
    expect(audit.thresholds).toEqual({ ...THRESHOLDS, noise: { ...THRESHOLDS.noise, bad_cv: 0.3 } });
    expect((await loadConfig(sources())).audit).toEqual({
      directions: {},
      thresholds: THRESHOLDS,
      retireAfter: 24 * 60 * 60 * 1000,
    });
  });

  it('refuses lines that cross', async () => {
    const file = await fileWith('audit: { thresholds: { noise: { good_cv: 0.2 } } }\n');
    expect((await failure(loadConfig(sources(file)))).message).toContain('good_cv must be below bad_cv');
  });

  it('takes a flag over the environment, and the environment over the file', async () => {
    const file = await fileWith('http: { port: 1, host: a }\nevaluate: { concurrency: 3 }\n');
    const config = await loadConfig({
      file,
      environment: { DISCERN_HTTP_PORT: '2', DISCERN_HTTP_HOST: 'b' },
      flags: new Map([['--http-port', '3']]),
    });
    expect(config.http).toEqual({ host: 'b', port: 3 });
    expect(config.evaluate.concurrency).toBe(3);
  });

  it('reads every setting from its variable and its flag', () => {
    expect(SETTINGS.map(flagOf)).toContain('--weights-max-bytes');
    expect(SETTINGS.map(variableOf)).toContain('DISCERN_WEIGHTS_MAX_BYTES');
  });

  it('lets DISCERN_BACKEND force the backend', async () => {
    const config = await loadConfig({ environment: { DISCERN_BACKEND: 'webasm' }, flags: new Map() });
    expect(config.evaluate.backend).toBe('webasm');
  });

  it('resolves paths in a file against the file', async () => {
    const file = await fileWith('log: { embedded: { dir: log } }\npanels: { p: { bundle: ../bundle } }\n');
    const config = await loadConfig(sources(file));
    expect(config.panels['p'].bundle).toBe(join(file, '../../bundle'));
    expect(config.log).toEqual({ embedded: { dir: join(file, '../log') } });
  });

  it('splits lists at commas', async () => {
    const config = await loadConfig({ environment: { DISCERN_WEIGHTS_ROOTS: '/a, /b' }, flags: new Map() });
    expect(config.weights.roots).toEqual(['/a', '/b']);
  });

  it('replaces the embedded log of the file by brokers named on the command line', async () => {
    const file = await fileWith('log: { embedded: { dir: log } }\n');
    const config = await loadConfig({ ...sources(file), flags: new Map([['--log-kafka-brokers', 'a:9092,b:9092']]) });
    expect(config.log).toEqual({
      kafka: { brokers: ['a:9092', 'b:9092'], clientId: 'discern', compression: 'none', sessionTimeoutMs: 30_000 },
    });
  });

  it.each([
    ['a misspelt key', 'htpp: {}', /htpp/],
    ['a port out of range', 'http: { port: 99999 }', /http\.port: .*65535.*found 99999/],
    ['a text where a number belongs', 'http: { port: many }', /http\.port: .*found "many"/],
    ['an unknown backend', 'evaluate: { backend: cuda }', /evaluate\.backend: .*webgpu.*found "cuda"/],
    ['a panel without a bundle', 'panels: { p: {} }', /panels\.p\.bundle/],
    ['a seed that is no 32-bit number', 'panels: { p: { bundle: b, seeds: [-1] } }', /panels\.p\.seeds\.0.*found -1/],
    [
      'a broker without a port',
      'log: { kafka: { brokers: [a] } }',
      /log\.kafka\.brokers\.0: expected host:port; found "a"/,
    ],
    ['a misspelt key of Kafka', 'log: { kafka: { brokers: ["a:1"], retries: 3 } }', /log\.kafka: .*retries/],
    [
      'an unknown compression',
      'log: { kafka: { brokers: ["a:1"], compression: zip } }',
      /log\.kafka\.compression: .*zstd/,
    ],
    [
      'two logs',
      'log: { embedded: { dir: x }, kafka: { brokers: ["a:1"] } }',
      /log: expected either embedded or kafka/,
    ],
    ['no log', 'log: {}', /log: expected either embedded or kafka/],
    ['TLS that is neither on nor off', 'log: { kafka: { brokers: ["a:1"], ssl: maybe } }', /log\.kafka\.ssl/],
    ['a list at the top', '- a', /map of keys/],
    ['broken YAML', 'a: [', /not valid YAML/],
  ])('refuses %s, naming the key, the value and what is allowed', async (_, text, message) => {
    const error = await failure(loadConfig(sources(await fileWith(text))));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(message);
  });

  it('names a file that is not there', async () => {
    expect((await failure(loadConfig(sources('/nowhere/discern.yaml')))).message).toMatch('/nowhere/discern.yaml');
  });

  it.each([
    ['http: { token: [s3cret] }', 'http.token'],
    ['http: { tokne: s3cret }', 'http'],
    ['tokne: s3cret', 'tokne'],
    ['log: { kafka: { brokers: ["a:1"], sasl: { mechanism: plain, username: u, password: [s3cret] } } }', 'password'],
    ['log: { kafka: { brokers: ["a:1"], sasl: { mechanism: plain, username: u, pasword: s3cret } } }', 'pasword'],
    ['log: { kafka: { brokers: ["a:1"], ssl: { keyPasphrase: s3cret } } }', 'log.kafka.ssl'],
  ])('never shows a secret in an error: %s', async (text, key) => {
    const error = await failure(loadConfig(sources(await fileWith(text))));
    expect(error.message).toMatch(key);
    expect(error.message).not.toMatch('s3cret');
  });

  it('reads every setting of Kafka from its variable', async () => {
    const { log } = await loadConfig({
      environment: {
        DISCERN_LOG_KAFKA_BROKERS: 'a:9093',
        DISCERN_LOG_KAFKA_CLIENT_ID: 'me',
        DISCERN_LOG_KAFKA_SSL_CA_FILE: '/ca.pem',
        DISCERN_LOG_KAFKA_SASL_MECHANISM: 'scram-sha-512',
        DISCERN_LOG_KAFKA_SASL_USERNAME: 'u',
        DISCERN_LOG_KAFKA_SASL_PASSWORD: 'p',
        DISCERN_LOG_KAFKA_COMPRESSION: 'gzip',
        DISCERN_LOG_KAFKA_REPLICATION_FACTOR: '3',
        DISCERN_LOG_KAFKA_SESSION_TIMEOUT_MS: '10000',
      },
      flags: new Map(),
    });
    expect(log).toEqual({
      kafka: {
        brokers: ['a:9093'],
        clientId: 'me',
        ssl: { caFile: '/ca.pem' },
        sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
        compression: 'gzip',
        replicationFactor: 3,
        sessionTimeoutMs: 10_000,
      },
    });
  });

  it('takes TLS as a switch', async () => {
    const environment = { DISCERN_LOG_KAFKA_BROKERS: 'a:1', DISCERN_LOG_KAFKA_SSL: 'true' };
    expect((await loadConfig({ environment, flags: new Map() })).log).toMatchObject({ kafka: { ssl: true } });
  });

  it('has no flag for a secret', () => {
    const secrets = SETTINGS.filter(({ secret }) => secret === true).map(variableOf);
    expect(secrets).toEqual([
      'DISCERN_LOG_KAFKA_SSL_KEY_PASSPHRASE',
      'DISCERN_LOG_KAFKA_SASL_PASSWORD',
      'DISCERN_HTTP_TOKEN',
    ]);
  });

  it('resolves the files of Kafka against the configuration file', async () => {
    const text =
      'log: { kafka: { brokers: ["a:1"], ssl: { caFile: ca.pem }, sasl: { mechanism: plain, username: u, passwordFile: pw } } }';
    const file = await fileWith(text);
    const { log } = await loadConfig(sources(file));
    expect(log).toMatchObject({
      kafka: { ssl: { caFile: join(file, '../ca.pem') }, sasl: { passwordFile: join(file, '../pw') } },
    });
  });

  it('takes spans of time as text', async () => {
    const { audit } = await loadConfig(sources(await fileWith('audit: { retireAfter: 90m }')));
    expect(audit.retireAfter).toBe(90 * 60 * 1000);
  });

  it.each(['90', '-1h', 'soon', '1 fortnight', "''"])('refuses %s as a span of time, naming the key', async (span) => {
    const error = await failure(loadConfig(sources(await fileWith(`audit: { retireAfter: ${span} }`))));
    expect(error.message).toMatch('audit.retireAfter');
  });
});
