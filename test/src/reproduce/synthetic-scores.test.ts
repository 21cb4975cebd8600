import { mkdtemp, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { EvaluationThreads } from '../../../src/evaluation/threads.js';
import { parseScores } from '../../../src/lenses/index.js';
import type { SyntheticPanel } from '../../../src/reproduce/synthetic-panel.js';
import {
  scoreSyntheticPanel,
  syntheticFolder,
  type ScoredCheckpoint,
} from '../../../src/reproduce/synthetic-scores.js';
import { SMALL_BUNDLE, SMALL_MODEL, SMALL_TRAINING } from '../synthetic/small-model.js';

const PANEL: SyntheticPanel = {
  name: 'small',
  model: SMALL_MODEL,
  bundle: SMALL_BUNDLE,
  checkpoints: 2,
  seeds: [42, 123],
  runs: [2, 4].map((k) => ({
    run: `topk-k${k}-seed0`,
    variant: `topk-k${k}`,
    trainSeed: 0,
    training: { ...SMALL_TRAINING, architecture: { kind: 'topk', k }, steps: 6, decaySteps: 2 },
  })),
};

let dir: string;
let threads: EvaluationThreads;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'discern-reproduce-'));
  threads = new EvaluationThreads({ backend: 'cpu', scorers: 1 });
});
afterAll(async () => {
  await threads.close();
  await rm(dir, { recursive: true });
});

async function scored(panel = PANEL): Promise<ScoredCheckpoint[]> {
  const options = { panel, threads, dir, maxBytes: 1e9, warn: (message: string) => expect(message).toBe('') };
  return lastValueFrom((await scoreSyntheticPanel(options)).pipe(toArray()));
}

describe('scoreSyntheticPanel', () => {
  it('scores every checkpoint once, and goes on where it stopped', async () => {
    const first = await scored();
    expect(first.map(({ checkpoint: { run, step } }) => `${run} ${step}`)).toEqual([
      'topk-k2-seed0 1',
      'topk-k4-seed0 1',
      'topk-k2-seed0 6',
      'topk-k4-seed0 6',
    ]);
    const scores = parseScores(first.flatMap(({ lines }) => lines));
    expect(new Set(scores.map(({ metric }) => metric))).toEqual(
      new Set([...new Set(scores.map(({ metric }) => metric)), 'gt_f1', 'tpp', 'sparse_probing']),
    );
    expect(new Set(scores.filter(({ metric }) => metric === 'sparse_probing').map(({ seed }) => seed))).toEqual(
      new Set([42, 123]),
    );

    const written = await Promise.all(first.map(async ({ file }) => (await stat(file)).mtimeMs));
    await unlink(first[2].file);
    const second = await scored();
    expect(second.map(({ lines }) => lines)).toEqual(first.map(({ lines }) => lines));
    const kept = await Promise.all([0, 1, 3].map(async (at) => (await stat(first[at].file)).mtimeMs));
    expect(kept).toEqual([written[0], written[1], written[3]]);
  });

  it('keeps other settings apart', async () => {
    const other = { ...PANEL, seeds: [1] };
    expect(syntheticFolder({ panel: other, dir })).not.toBe(syntheticFolder({ panel: PANEL, dir }));
    const files = await readdir(join(syntheticFolder({ panel: PANEL, dir }), 'scores'));
    expect(files.every((file) => file.endsWith('.ndjson'))).toBe(true);
    expect(await readFile(join(syntheticFolder({ panel: PANEL, dir }), 'scores', files[0]), 'utf8')).toMatch(/\}\n$/);
  });
});
