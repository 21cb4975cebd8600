import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MetricContext } from '../../src/metrics/metric.js';
import { createEncoder } from '../../src/kernels/encode.js';
import { chooseBackend } from '../../src/kernels/backends.js';
import { writeSafetensors } from '../../src/tensors/write-safetensors.js';
import { codesOf } from '../src/probes/designs.js';
import { operatorSuite } from '../src/kernels/operators.js';
import { blocksOf, ROOT } from './code-blocks.js';
import { plain as plainBackend } from './examples/backend.js';
import { plain as plainFormat } from './examples/format.js';
import { trustworthy } from './examples/library.js';
import { denseLatents } from './examples/metric.js';
import { EXAMPLES, shown } from './kinds/source.js';

describe('docs/extending.md', () => {
  it.each(EXAMPLES)('shows the example that is compiled and run here: %s', async (example) => {
    const blocks = blocksOf('docs/extending.md').map(({ text }) => text.trimEnd());
    expect(blocks).toContain(await shown(example));
  });
});

describe('the example of a metric', () => {
  it('scores the share of latents that fire in more than a tenth of the rows', async () => {
    const rows = Array.from({ length: 20 }, (_, row) => [1, row < 3 ? 1 : 0, row < 2 ? 1 : 0, 0]);
    const context = { codes: { corpus: () => Promise.resolve(codesOf(rows, 4)) } } as unknown as MetricContext;
    expect(await denseLatents.score(null, context)).toEqual([
      { metric: 'dense_latents', param: '', task: null, seed: null, value: 0.5 },
    ]);
  });
});

describe('the example of a format', () => {
  let dir: string;
  beforeAll(async () => {
    dir = join(await mkdtemp(join(tmpdir(), 'discern-plain-')), 'step-1-tokens-1');
    await mkdir(dir);
    await writeFile(join(dir, 'plain.json'), JSON.stringify({ d_in: 2, d_sae: 3, k: 1 }));
    await writeFile(
      join(dir, 'plain.safetensors'),
      writeSafetensors({
        W_enc: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 0, 1, 0, 1, 1) },
        b_enc: { dtype: 'F32', shape: [3], data: Float32Array.of(0, 0, -0.5) },
        W_dec: { dtype: 'F32', shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, 1) },
        b_dec: { dtype: 'F32', shape: [2], data: Float32Array.of(0, 0) },
      }),
    );
  });
  afterAll(() => rm(dirname(dir), { recursive: true }));

  it('reads what it describes, and encodes with it', async () => {
    const files = new Set(['plain.json', 'plain.safetensors']);
    expect(plainFormat.detect(files)).toBe(true);
    const sae = await plainFormat.read(await plainFormat.source(dir, files), { maxBytes: 1e6 });
    const backend = await chooseBackend('cpu');
    const encoder = await createEncoder(backend, sae);
    const source = { rows: 2, cols: 2, read: (_: number, __: number, out: Float32Array) => out.set([3, 1, 0, 2]) };
    const { indices, values } = await encoder.encode(source);
    expect([[...indices], [...values]]).toEqual([
      [2, 1],
      [3.5, 2],
    ]);
    await encoder.close();
    await backend.close();
  });
});

describe('the example of a backend', () => operatorSuite(() => plainBackend.open({})));

describe('the example of a program', () => {
  it('lists the metrics whose verdict is good', async () => {
    const lines = (await readFile(join(ROOT, 'test/fixtures/statistics/scores.ndjson'), 'utf8')).split('\n');
    expect(trustworthy(lines)).toEqual(['sae_probes_auc|k=5']);
  });
});
