import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { identityOf } from '../../../src/attach/layout.js';
import type { DiscernError } from '../../../src/errors.js';
import type { Architecture } from '../../../src/synthetic/architecture.js';
import { trainPanel } from '../../../src/synthetic/panel.js';
import { describeEvent, type PanelEvent, type TrainedCheckpoint } from '../../../src/synthetic/panel-events.js';
import { trainRuns, type PanelOptions, type PanelRun } from '../../../src/synthetic/panel-training.js';
import { SMALL_MODEL, SMALL_TRAINING } from './small-model.js';

let root: string;
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'discern-panel-'))));
afterAll(() => rm(root, { recursive: true }));

function runOf(variant: string, architecture: Architecture, steps: number): PanelRun {
  const training = { ...SMALL_TRAINING, architecture, steps, decaySteps: 0 };
  return { run: `${variant}-seed0`, variant, trainSeed: 0, training };
}

const RUNS = [runOf('topk-k4', { kind: 'topk', k: 4 }, 8), runOf('batchtopk-k4', { kind: 'batchtopk', k: 4 }, 5)];

function optionsIn(folder: string, runs: readonly PanelRun[] = RUNS): PanelOptions {
  return { panel: 'small', model: SMALL_MODEL, runs, checkpoints: 3, root: join(root, folder) };
}

async function collect(options: PanelOptions): Promise<PanelEvent[]> {
  const events: PanelEvent[] = [];
  for await (const event of trainRuns(options)) events.push(event);
  return events;
}

describe('trainRuns', () => {
  it('saves the checkpoints of all runs in turn, and tells when a run has finished', async () => {
    const events = await collect(optionsIn('turns'));
    expect(events.map((event) => `${event.type} ${event.run} ${event.step}`)).toEqual([
      'checkpoint topk-k4-seed0 1',
      'checkpoint batchtopk-k4-seed0 1',
      'checkpoint batchtopk-k4-seed0 2',
      'checkpoint topk-k4-seed0 3',
      'checkpoint batchtopk-k4-seed0 5',
      'finished batchtopk-k4-seed0 5',
      'checkpoint topk-k4-seed0 8',
      'finished topk-k4-seed0 8',
    ]);
  });

  it('names the folders so that they tell what is in them', async () => {
    const checkpoints = (await collect(optionsIn('names'))).filter((event) => event.type === 'checkpoint');
    for (const { dir, run, variant, trainSeed, step, tokens } of checkpoints) {
      expect(tokens).toBe(step * 64);
      expect(await identityOf(dir)).toEqual({ run, variant, trainSeed, step, tokens });
    }
  });

  it('trains a run to the same weights whatever else is in the panel', async () => {
    const weights = async (folder: string, runs: readonly PanelRun[]): Promise<Buffer> => {
      const events = await collect(optionsIn(folder, runs));
      const last = events.filter((event): event is TrainedCheckpoint => event.type === 'checkpoint').at(-1)!;
      return readFile(join(last.dir, 'sae_weights.safetensors'));
    };
    expect((await weights('alone', [RUNS[0]])).equals(await weights('company', RUNS))).toBe(true);
  });
});

describe('trainPanel', () => {
  it('emits from its thread what training in this one yields, with the same files', async () => {
    const here = await collect(optionsIn('here'));
    const there = await lastValueFrom(trainPanel(optionsIn('there')).pipe(toArray()));
    const relative = (events: PanelEvent[], folder: string): unknown[] =>
      events.map((event) => JSON.parse(JSON.stringify(event).replace(join(root, folder), '')) as unknown);
    expect(relative(there, 'there')).toEqual(relative(here, 'here'));
    for (const event of there) {
      if (event.type !== 'checkpoint') continue;
      const file = join(event.dir, 'sae_weights.safetensors');
      expect((await readFile(file)).equals(await readFile(file.replace('there', 'here')))).toBe(true);
    }
  });

  it('stops training when nobody listens any more', async () => {
    const endless = runOf('long', { kind: 'topk', k: 4 }, 20_000);
    const options = { ...optionsIn('stopped', [endless]), checkpoints: 1000 };
    const first = await firstValueFrom(trainPanel(options).pipe(take(1)));
    expect(first.type).toBe('checkpoint');
    const count = async (): Promise<number> => (await readdir(join(root, 'stopped', endless.run))).length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stopped = await count();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await count()).toBe(stopped);
  });

  it('fails with the typed error of its thread', async () => {
    const wrong = runOf('wrong', { kind: 'topk', k: 40 }, 5);
    const failure = await lastValueFrom(trainPanel(optionsIn('wrong', [wrong]))).catch((error: unknown) => error);
    expect((failure as DiscernError).code).toBe('CONFIG_INVALID');
    expect((failure as DiscernError).message).toBe('training: k is 40, expected more than 0, at most 32');
  });
});

describe('describeEvent', () => {
  it('puts progress into words', () => {
    const event = { type: 'finished', panel: 'p', run: 'topk-k4', step: 2000 } as const;
    expect(describeEvent(event)).toBe('topk-k4: trained, 2,000 steps');
    const checkpoint: TrainedCheckpoint = {
      type: 'checkpoint',
      panel: 'p',
      run: 'topk-k4',
      variant: 'topk-k4',
      trainSeed: 0,
      step: 156,
      steps: 2000,
      tokens: 39_936,
      dir: '/checkpoint',
      explainedVariance: 0.7123,
      l0: 4,
    };
    expect(describeEvent(checkpoint)).toBe(
      'topk-k4: step 156 of 2,000, explained variance 0.712, 4.0 active latents a row',
    );
  });
});
