import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concatMap, filter, type Observable } from 'rxjs';
import { openBundle } from '../bundle/open.js';
import { Evaluator } from '../evaluation/evaluator.js';
import { scoreLines } from '../evaluation/score-line.js';
import type { EvaluationThreads } from '../evaluation/threads.js';
import { resolveMetrics } from '../metrics/index.js';
import { openCheckpoint } from '../sae/readers.js';
import { isFolder } from '../synthetic/atomic-folder.js';
import { writeSyntheticBundle } from '../synthetic/bundle.js';
import { SyntheticModel } from '../synthetic/model.js';
import type { TrainedCheckpoint } from '../synthetic/panel-events.js';
import { trainPanel } from '../synthetic/panel.js';
import { settingsDigest } from '../synthetic/settings-digest.js';
import type { SyntheticPanel } from './synthetic-panel.js';

/** Grows when the same settings would give other scores. */
const VERSION = 1;

export interface SyntheticScoresOptions {
  readonly panel: SyntheticPanel;
  readonly threads: EvaluationThreads;
  /** Bundle, checkpoints, probes and scores go to a folder of their own in here, which the settings name. */
  readonly dir: string;
  /** Bytes of float32 that a checkpoint may have. */
  readonly maxBytes: number;
  readonly warn: (message: string) => void;
}

/** The scores of one checkpoint, a JSON object a line. */
export interface ScoredCheckpoint {
  readonly checkpoint: TrainedCheckpoint;
  readonly file: string;
  readonly lines: readonly string[];
}

/** Where a panel's files lie. */
export function syntheticFolder({ panel, dir }: Pick<SyntheticScoresOptions, 'panel' | 'dir'>): string {
  return join(dir, settingsDigest(VERSION, panel));
}

/**
 * Trains a synthetic panel and scores its checkpoints as they come.
 *
 * 1. Each subscription trains anew, which is seeded. What was scored before is read from its file and not scored again.
 * 2. Emits once for each checkpoint, in the order of the training. Its file appears complete or not at all.
 * 3. Completes after the last; errors with a DiscernError when training or scoring fails.
 * 4. Unsubscribing ends the training; a checkpoint in work is scored to its end and then forgotten.
 *
 * @throws DiscernError CONFIG_INVALID
 */
export async function scoreSyntheticPanel(options: SyntheticScoresOptions): Promise<Observable<ScoredCheckpoint>> {
  const { panel, threads, maxBytes, warn } = options;
  const folder = syntheticFolder(options);
  const scores = join(folder, 'scores');
  await mkdir(scores, { recursive: true });
  const bundleDir = join(folder, 'bundle');
  if (!(await isFolder(bundleDir)))
    await writeSyntheticBundle(bundleDir, new SyntheticModel(panel.model), panel.bundle);
  const evaluator = new Evaluator({
    threads,
    bundle: await openBundle(bundleDir),
    metrics: resolveMetrics(['all']),
    seeds: panel.seeds,
    limits: { maxBytes },
    cache: { dir: join(folder, 'probes'), maxBytes: Infinity },
    warn,
  });
  const { name, model, runs, checkpoints } = panel;
  const training = trainPanel({ panel: name, model, runs, checkpoints, root: join(folder, 'checkpoints') });
  return training.pipe(
    filter((event) => event.type === 'checkpoint'),
    concatMap(async (checkpoint) => {
      const file = join(scores, `${checkpoint.run}-step-${checkpoint.step}.ndjson`);
      const text = (await readIfThere(file)) ?? (await scoreInto(file, checkpoint, evaluator));
      return { checkpoint, file, lines: text.trimEnd().split('\n') };
    }),
  );
}

async function scoreInto(file: string, checkpoint: TrainedCheckpoint, evaluator: Evaluator): Promise<string> {
  const { scores } = await evaluator.evaluate(await openCheckpoint(checkpoint.dir));
  const text = scoreLines(checkpoint, scores);
  await writeFile(`${file}.partial`, text);
  await rename(`${file}.partial`, file);
  return text;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
