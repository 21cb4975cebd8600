import { access, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DiscernError } from '../errors.js';
import { readJsonObject } from './json-file.js';
import { ACTIVATION_SCALER } from './sae-lens-config.js';

/** What a trainer needs to go on; it tells a raw training checkpoint from a model saved for inference. */
export const TRAINER_STATE = 'trainer_state.pt';

/** Written last, by the runner that trains on a language model and by the one that trains on a synthetic model. */
const RUNNER_CONFIGS = ['runner_cfg.json', 'runner_config.json'];

/** Written by the language model's runner, just before its configuration. */
const ACTIVATIONS_STORE = 'activations_store_state.safetensors';

/** After this long without a change, no runner is going to write its configuration any more. */
const SETTLED_MS = 60_000;

/**
 * Whether a raw training checkpoint is completely written. SAELens writes `sae_weights.safetensors`, `cfg.json`,
 * `sparsity.safetensors`, `trainer_state.pt`, `activation_scaler.json`, and then a runner adds its own configuration
 * (where it trains several SAEs at once, in the folder above theirs):
 *
 * - With a runner, its configuration is the mark. It also turns the number of samples into the training step, so a
 *   runner's checkpoint is not taken without it.
 * - A `SAETrainer` that is used on its own writes none. Everything that is read of its checkpoints is complete with the
 *   activation scaler; they are finished once nothing has changed for a minute and nothing shows a runner.
 *
 * Source: sae-lens 6.54.12, `training/sae_trainer.py`, `llm_sae_training_runner.py`, `multi_sae_training_runner.py`,
 * `synthetic/synthetic_sae_runner.py`.
 *
 * @throws DiscernError CHECKPOINT_INCOMPLETE
 */
export async function assertTrainingCheckpointFinished(dir: string, files: ReadonlySet<string>): Promise<void> {
  const config = await runnerConfigOf(dir);
  if (config !== undefined) {
    await readJsonObject(config);
    return;
  }
  if (!files.has(ACTIVATION_SCALER))
    throw incomplete(dir, files, `${ACTIVATION_SCALER}, which SAELens writes after ${TRAINER_STATE}`);
  const runner = `${RUNNER_CONFIGS[0]}, which SAELens' training runner writes last`;
  if (files.has(ACTIVATIONS_STORE) || (await siblingHasRunnerConfig(dir))) throw incomplete(dir, files, runner);
  if (Date.now() - (await lastChange(dir, files)) < SETTLED_MS)
    throw incomplete(
      dir,
      files,
      `${runner}, or no change for ${SETTLED_MS / 1000} s, as a SAETrainer without a runner writes none`,
    );
}

function incomplete(dir: string, files: ReadonlySet<string>, expected: string): DiscernError {
  return new DiscernError(
    'CHECKPOINT_INCOMPLETE',
    `${dir}: expected ${expected}; found ${[...files].sort().join(', ')}`,
    { hint: 'The checkpoint is still being written. If the run was stopped while it was saved, remove it.' },
  );
}

/** Path of the runner's configuration of this checkpoint. */
async function runnerConfigOf(dir: string): Promise<string | undefined> {
  const folder = resolve(dir);
  return firstThere([folder, dirname(folder)].flatMap((place) => RUNNER_CONFIGS.map((name) => join(place, name))));
}

/** Whether another checkpoint of the same run has a runner's configuration: then this one gets one too. */
async function siblingHasRunnerConfig(dir: string): Promise<boolean> {
  const run = dirname(resolve(dir));
  const siblings = await readdir(run, { withFileTypes: true });
  const folders = siblings.filter((entry) => entry.isDirectory()).map(({ name }) => join(run, name));
  const found = await firstThere(folders.flatMap((place) => RUNNER_CONFIGS.map((name) => join(place, name))));
  return found !== undefined;
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths)
    try {
      await access(path);
      return path;
    } catch {
      // Not this one.
    }
  return undefined;
}

/** Milliseconds since the epoch. A file that has gone meanwhile is a change. */
async function lastChange(dir: string, files: ReadonlySet<string>): Promise<number> {
  const times = [...files].map((file) =>
    stat(join(dir, file)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    ),
  );
  return Math.max(...(await Promise.all(times)));
}
