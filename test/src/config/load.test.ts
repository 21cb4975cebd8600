import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/load.js';
import { SETTINGS, flagOf, variableOf } from '../../../src/config/settings.js';
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
    expect(config.log).toEqual({ kafka: { brokers: ['a:9092', 'b:9092'], clientId: 'discern' } });
  });

  it.each([
    ['a misspelt key', 'htpp: {}', /htpp/],
    ['a port out of range', 'http: { port: 99999 }', /http\.port: .*65535.*found 99999/],
    ['a text where a number belongs', 'http: { port: many }', /http\.port: .*found "many"/],
    ['an unknown backend', 'evaluate: { backend: cuda }', /evaluate\.backend: .*webgpu.*found "cuda"/],
    ['a panel without a bundle', 'panels: { p: {} }', /panels\.p\.bundle/],
    ['a seed that is no 32-bit number', 'panels: { p: { bundle: b, seeds: [-1] } }', /panels\.p\.seeds\.0.*found -1/],
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

  it('never shows a secret in an error', async () => {
    const error = await failure(loadConfig(sources(await fileWith('http: { token: [s3cret] }'))));
    expect(error.message).toMatch('http.token');
    expect(error.message).not.toMatch('s3cret');
  });
});
