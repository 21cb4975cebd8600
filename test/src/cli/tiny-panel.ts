import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSyntheticBundle } from '../../../src/synthetic/bundle.js';
import { DEMO_BUNDLE, DEMO_MODEL, DEMO_RUNS } from '../../../src/synthetic/demo.js';
import { SyntheticModel } from '../../../src/synthetic/model.js';
import { trainRuns } from '../../../src/synthetic/panel-training.js';

export interface TinyPanel {
  readonly bundle: string;
  /** `<runs>/<run>/step-…-tokens-…/` */
  readonly runs: string;
  /** Folders of the checkpoints, in the order of their training. */
  readonly checkpoints: readonly string[];
}

const STEPS = 12;

/** A bundle and a panel of a few runs that take a few seconds to make and to evaluate. */
export async function writeTinyPanel(checkpoints = 4, runCount = 2): Promise<TinyPanel> {
  const root = await mkdtemp(join(tmpdir(), 'discern-panel-'));
  const bundle = join(root, 'bundle');
  const runs = join(root, 'runs');
  await writeSyntheticBundle(bundle, new SyntheticModel(DEMO_MODEL), {
    ...DEMO_BUNDLE,
    corpusRows: 256,
    poolRows: 16_384,
  });
  const trained = trainRuns({
    panel: 'tiny',
    model: DEMO_MODEL,
    runs: DEMO_RUNS.slice(0, runCount).map((run) => ({
      ...run,
      training: { ...run.training, steps: STEPS, decaySteps: 4 },
    })),
    checkpoints,
    root: runs,
  });
  const folders: string[] = [];
  for await (const event of trained) if (event.type === 'checkpoint') folders.push(event.dir);
  return { bundle, runs, checkpoints: folders };
}

/** Leaves a bundle so few tasks that a hundred checkpoints are evaluated quickly. */
export async function trimTasks(bundle: string): Promise<void> {
  const file = join(bundle, 'bundle.json');
  const description = JSON.parse(await readFile(file, 'utf8')) as { tasks: { kind: string }[] };
  const tasks = description.tasks.filter(({ kind }) => kind === 'binary').slice(0, 2);
  await writeFile(file, JSON.stringify({ ...description, tasks }));
}
