import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../docs/code-blocks.js';

const SCORES = join(ROOT, 'test/fixtures/statistics/scores.ndjson');

let project: string;

/** A project elsewhere that has the packed Discern among its modules, and Discern's dependencies. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'discern-installed-'));
  const npm = (args: string[]): string =>
    execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  npm(['pack', '--ignore-scripts', '--pack-destination', project]);
  const [tarball] = await readdir(project);
  await mkdir(join(project, 'node_modules'));
  execFileSync('tar', ['xzf', join(project, tarball), '-C', join(project, 'node_modules')]);
  execFileSync('mv', [join(project, 'node_modules/package'), join(project, 'node_modules/discern')]);
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules/discern/node_modules'));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(project, { recursive: true }));

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
}

describe('the package, installed elsewhere', () => {
  it('has a discern that audits scores', () => {
    const stdout = node('node_modules/discern/bin/discern.js', 'audit', SCORES);
    expect(stdout).toMatch(/^golden$/m);
    expect(stdout).toContain('sae_probes_auc');
  });

  it('can be imported', async () => {
    await writeFile(
      join(project, 'use.js'),
      `import { Auditor, DiscernError, directionOf, reproduce } from 'discern';
       const auditor = new Auditor({ direction: directionOf });
       console.log(typeof DiscernError, reproduce(auditor).length);`,
    );
    expect(node('use.js')).toBe('function 0\n');
  });

  it('has types', async () => {
    await writeFile(
      join(project, 'use.ts'),
      `import { Auditor, parseScores, type MetricStatistics } from 'discern';
       const auditor = new Auditor({ direction: () => 'higher' });
       for (const score of parseScores([])) auditor.add(score);
       export const found: MetricStatistics | undefined = auditor.statistics({ panel: 'p', metric: 'm', param: '' });`,
    );
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
    ];
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types')];
    expect(node(join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, ...types, 'use.ts')).toBe('');
  });

  it('brings its documents, and neither tests nor benchmarks', async () => {
    const at = (...path: string[]): Promise<string[]> => readdir(join(project, 'node_modules/discern', ...path));
    expect(await at('docs')).toContain('lenses.md');
    expect(await at('dist')).toEqual(expect.not.arrayContaining(['bench', 'test']));
  });
});
