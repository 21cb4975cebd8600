import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openRows } from '../../../src/tensors/open-rows.js';
import { discern } from './discern.js';
import { writeTinyPanel, type TinyPanel } from './tiny-panel.js';

const FORMATS = fileURLToPath(new URL('../../fixtures/formats/', import.meta.url));
const SAEBENCH = fileURLToPath(new URL('../../fixtures/saebench/', import.meta.url));
const GOLDEN_SCORES = fileURLToPath(new URL('../../fixtures/statistics/scores.ndjson', import.meta.url));

let panel: TinyPanel;
let folder: string;

beforeAll(async () => {
  panel = await writeTinyPanel();
  folder = await mkdtemp(join(tmpdir(), 'discern-cli-'));
});

describe('discern', () => {
  it.each([
    ...['demo', 'serve', 'watch', 'publish', 'evaluate', 'audit', 'encode', 'import', 'reproduce', 'doctor', 'bench'],
  ])('explains %s', async (command) => {
    const { code, stdout } = await discern([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: discern ${command}`);
  });

  it.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['evaluate', '--frobnicate']],
    ['a missing option', ['evaluate', '--sae', 'x']],
    ['a seed that is none', ['evaluate', '--sae', 'x', '--bundle', 'y', '--seeds', '1.5']],
    ['an unknown format', ['audit', 'x', '--format', 'xml']],
    ['an unknown format of claims', ['reproduce', 'x', '--format', 'xml']],
    ['an unknown metric', ['evaluate', '--sae', 'x', '--bundle', 'y', '--metrics', 'sae_probe']],
    ['a wrong setting', ['evaluate', '--sae', 'x', '--bundle', 'y', '--evaluate-backend', 'abacus']],
    ['a panel without a bundle', ['serve', '--panel', 'mine']],
    ['half a size', ['bench', '--d-in', '64']],
    ['an unknown backend', ['bench', '--backends', 'abacus']],
  ])('ends with 2 and says why on stderr for %s', async (_, args) => {
    const { code, stdout, stderr } = await discern(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
    expect(stderr).not.toMatch(/ at .*\.js/);
  });

  it('ends with 1 when the work fails, naming the input', async () => {
    const { code, stderr } = await discern(['evaluate', '--sae', '/nowhere', '--bundle', panel.bundle]);
    expect(code).toBe(1);
    expect(stderr).toContain('/nowhere');
  });
});

describe('discern bench', () => {
  it('says what encoding costs on each backend asked for', async () => {
    const size = ['--d-in', '16', '--d-sae', '128', '--rows', '300'];
    const { code, stdout } = await discern(['bench', '--backends', 'cpu,webasm', ...size]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cpu: gpu\.js .* cpu/m);
    expect(stdout).toMatch(/encode 300 rows s/);
    expect(stdout).toMatch(/^cpu +16×128 +300 +[\d.]+ +[\d.]+ +\d+ % +[\d.]+ +[\d.]+$/m);
    expect(stdout).toMatch(/^webasm +16×128 /m);
  });
});

describe('discern evaluate', () => {
  it('writes a score a line, per task and their means, that discern audit reads', async () => {
    const [checkpoint] = panel.checkpoints.slice(-1) as [string];
    const evaluated = await discern([
      ...['evaluate', '--sae', checkpoint, '--bundle', panel.bundle],
      ...['--seeds', '42,123', '--format', 'ndjson'],
    ]);
    expect(evaluated.code).toBe(0);
    const lines = evaluated.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ metric }) => metric === 'l0')).toMatchObject({
      run: 'batchtopk-k16-seed0',
      task: null,
      seed: null,
    });
    const probes = lines.filter(
      ({ metric, param, seed }) => metric === 'sae_probes_auc' && param === 'k=5' && seed === 42,
    );
    const tasks = probes.filter(({ task }) => task !== null).map(({ value }) => value as number);
    const mean = probes.find(({ task }) => task === null)?.['value'] as number;
    expect(tasks.length).toBeGreaterThan(1);
    expect(mean).toBeCloseTo(tasks.reduce((sum, value) => sum + value, 0) / tasks.length, 12);

    const scores = join(folder, 'scores.ndjson');
    await writeFile(scores, evaluated.stdout);
    const audited = await discern(['audit', scores, '--format', 'json']);
    expect(audited.code).toBe(0);
    const report = JSON.parse(audited.stdout) as Record<string, Record<string, { noise: { df: number } }>>;
    expect(report['local']['sae_probes_auc|k=5'].noise.df).toBe(1);
  });

  it('shows a table of means without --format', async () => {
    const { code, stdout } = await discern([
      ...['evaluate', '--sae', panel.checkpoints[0], '--bundle', panel.bundle],
      ...['--metrics', 'core', '--seeds', '42'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^explained_variance +\S+/m);
    expect(stdout).not.toContain('sae_probes');
  });
});

describe('discern reproduce', () => {
  it('holds the paper’s claims against recorded scores', async () => {
    const { code, stdout, stderr } = await discern(['reproduce', GOLDEN_SCORES]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('golden: 5 runs of 5 variants, 35 checkpoints, up to 5 evaluation seeds');
    expect(stdout).toMatch(/^TPP scores SAEs worse the longer they train .* -0\.786 {2}-0\.893 … -0\.607 {2}agrees$/m);
  });

  it('prints them as JSON', async () => {
    const { stdout } = await discern(['reproduce', GOLDEN_SCORES, '--format', 'json']);
    const [found] = JSON.parse(stdout) as { panel: string; claims: { id: string; findings: object[] }[] }[];
    expect(found.panel).toBe('golden');
    expect(found.claims.find(({ id }) => id === 'tpp_trend')?.findings[0]).toMatchObject({
      subject: 'tpp n=20',
      outcome: 'agrees',
    });
  });
});

describe('discern audit', () => {
  it('gives the statistics of recorded scores', async () => {
    const { code, stdout } = await discern(['audit', GOLDEN_SCORES, '--format', 'json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Record<string, Record<string, { noise: { pooled_sd: number } }>>;
    expect(report['golden']['sae_probes_auc|k=5'].noise.pooled_sd).toBeCloseTo(0.0072421378244181475, 11);
  });

  it('shows them as a table that names what to do, and as one page', async () => {
    const table = await discern(['audit', GOLDEN_SCORES]);
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('tpp n=20: bad. Two SAEs must differ by 0.081 at one seed');
    const page = await discern(['audit', GOLDEN_SCORES, '--format', 'html']);
    expect(page.code).toBe(0);
    expect(page.stdout).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
  });

  it('turns around the metrics of which less is better', async () => {
    const { stdout } = await discern(['audit', GOLDEN_SCORES, '--format', 'json', '--lower', 'tpp,scr']);
    const report = JSON.parse(stdout) as Record<string, Record<string, { verdict: { validity: { verdict: string } } }>>;
    expect(report['golden']['tpp|n=20'].verdict.validity.verdict).not.toBe('bad');
  });

  it('names the line of a score it cannot read', async () => {
    const broken = join(folder, 'broken.ndjson');
    await writeFile(broken, '{"panel": "p"}\n');
    const { code, stderr } = await discern(['audit', broken]);
    expect(code).toBe(1);
    expect(stderr).toContain('line 1');
  });
});

describe('discern import saebench', () => {
  it('writes a score a line, which discern audit reads', async () => {
    const imported = await discern(['import', 'saebench', SAEBENCH, '--panel', 'theirs']);
    expect(imported.code).toBe(0);
    const scores = join(folder, 'imported.ndjson');
    await writeFile(scores, imported.stdout);
    const audited = await discern(['audit', scores, '--format', 'json']);
    expect(audited.code).toBe(0);
    const report = JSON.parse(audited.stdout) as Record<string, Record<string, { checkpoints: { mean: number }[] }>>;
    expect(report['theirs']['ravel_cause|'].checkpoints).toMatchObject([{ step: 4000, n: 1, mean: 0.6 }]);
  });

  it('publishes them to the log instead', async () => {
    const dir = join(folder, 'imported-log');
    const published = await discern(['import', 'saebench', SAEBENCH, '--publish', '--log-embedded-dir', dir]);
    expect(published.code).toBe(0);
    expect(published.stdout).toBe('');
    expect(published.stderr).toMatch(/"scores":\d+/);
  });

  it('refuses a malformed file with the path of the fault, and writes nothing', async () => {
    const broken = join(folder, 'broken_eval_results.json');
    const text = await readFile(join(SAEBENCH, 'unlearning_eval_results.json'), 'utf8');
    await writeFile(broken, text.replace('"unlearning_score": 0.0975', '"unlearning_score": "high"'));
    const { code, stdout, stderr } = await discern(['import', 'saebench', SAEBENCH, broken]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${broken}: $.eval_result_metrics.unlearning.unlearning_score: expected a number`);
  });

  it.each([
    ['without a path', []],
    ['with a pattern that is none', [SAEBENCH, '--names', '(']],
    ['with a step that is none', [SAEBENCH, '--step', '-1']],
  ])('ends with 2 %s', async (_, args) => {
    expect((await discern(['import', 'saebench', ...args])).code).toBe(2);
  });
});

describe('discern encode', () => {
  it('writes the z and x_hat of a reference checkpoint', async () => {
    const dir = join(FORMATS, 'sae_lens-batchtopk-inference');
    const out = join(folder, 'z.safetensors');
    const expected = join(dir, 'expected.safetensors');
    const { code, stdout } = await discern(['encode', '--sae', dir, '--input', expected, '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    for (const tensor of ['z', 'x_hat']) {
      const [found, wanted] = await Promise.all([openRows(out, tensor), openRows(expected, tensor)]);
      const a = new Float32Array(found.rows * found.cols);
      const b = new Float32Array(wanted.rows * wanted.cols);
      found.read(0, found.rows, a);
      wanted.read(0, wanted.rows, b);
      const largest = b.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(1e-5 * largest);
    }
  });
});

describe('discern doctor', () => {
  it('says which backend runs and what a bundle holds', async () => {
    const { code, stdout } = await discern([
      'doctor',
      '--panel',
      `tiny=${panel.bundle}`,
      '--log-embedded-dir',
      join(folder, 'log'),
    ]);
    expect(stdout).toMatch(/✓ backend \w+ \(this one runs\)/);
    expect(stdout).toMatch(/✓ panel tiny: synthetic-demo/);
    expect(stdout).toMatch(/✓ log: /);
    expect(code).toBe(0);
  });

  it('fails when a bundle is not there, and says which', async () => {
    const { code, stdout } = await discern([
      'doctor',
      '--panel',
      'tiny=/nowhere',
      '--log-embedded-dir',
      join(folder, 'log'),
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ panel tiny: .*\/nowhere/);
  });
});

describe('the package', () => {
  it('has one version everywhere', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect((await discern(['--version'])).stdout.trim()).toBe(manifest.version);
  });
});
