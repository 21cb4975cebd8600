import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { eventually, freePort } from '../../bench/support/prometheus.js';
import { inTemporaryFolder } from '../src/log/temporary.js';
import { writeTinyPanel } from '../src/cli/tiny-panel.js';
import { at, text } from './files.js';
import { build } from './dockerfile.js';

const dockerfile = text('deploy/docker/Dockerfile');
const instructions = DockerfileParser.parse(dockerfile).getInstructions();
const contents = (keyword: string): string[] =>
  instructions.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? '');

describe('the Dockerfile', () => {
  it('has nothing that a linter finds', () => {
    const strict = ValidationSeverity.ERROR;
    const found = validate(dockerfile, {
      deprecatedMaintainer: strict,
      directiveCasing: strict,
      emptyContinuationLine: strict,
      instructionCasing: strict,
      instructionCmdMultiple: strict,
      instructionEntrypointMultiple: strict,
      instructionHealthcheckMultiple: strict,
      instructionJSONInSingleQuotes: strict,
      instructionWorkdirRelative: strict,
    });
    expect(found.map(({ message }) => message)).toEqual([]);
    // The check itself works.
    expect(validate('FROM a\nCOPY b\n').length).toBeGreaterThan(0);
  });

  it('pins one version of Node for every stage, ends as somebody without rights, and says how it is', () => {
    const bases = contents('FROM').map((base) => base.split(' ')[0]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim$/);
    expect(contents('USER')).toEqual(['1000:1000']);
    expect(contents('HEALTHCHECK').join()).toContain('/healthz');
    expect(contents('EXPOSE')).toEqual(['9464']);
  });

  it('copies what the context has', () => {
    const allowed: readonly string[] = text('.dockerignore').match(/(?<=^!).+$/gm) ?? [];
    const copied = contents('COPY')
      .flatMap((copy) => copy.split(/\s+/).slice(0, -1))
      .filter((source) => !source.startsWith('/discern/'));
    for (const source of copied) expect([source, allowed.includes(source)]).toEqual([source, true]);
    expect(text('.dockerignore')).toMatch(/^\*$/m);
  });
});

const isComplete = process.env['DISCERN_REQUIRE_ALL'] === '1';
if (!isComplete) process.stderr.write("The Dockerfile's steps are skipped: DISCERN_REQUIRE_ALL=1 runs them.\n");

(isComplete ? describe : describe.skip)('what the Dockerfile builds', () => {
  it(
    'starts as its command says, is healthy, and has a compute backend',
    () =>
      inTemporaryFolder(async (dir) => {
        const image = await build(dockerfile, at('.'), dir);
        const { bundle } = await writeTinyPanel();
        const config = image.at(image.command[image.command.indexOf('--config') + 1]);
        await mkdir(dirname(config), { recursive: true });
        await writeFile(config, JSON.stringify({ panels: { tiny: { bundle, metrics: ['core'] } } }));
        const port = await freePort();
        const environment = { DISCERN_HTTP_PORT: `${port}` };
        const service = image.start(environment);
        try {
          await eventually('it is healthy', () => Promise.resolve(image.isHealthy(environment)));
          const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
          expect(ready.status).toBe(200);
          expect(await ready.text()).toContain('onnxruntime');
        } finally {
          service.kill('SIGTERM');
          if (service.exitCode === null) await once(service, 'close');
        }
        expect(service.exitCode).toBe(0);
        expect(image.isHealthy(environment)).toBe(false);
      }),
    600_000,
  );
});
