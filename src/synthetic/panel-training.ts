import type { Matrix } from '../kernels/matrix.js';
import type { NumpyRandomState } from '../random/numpy-legacy.js';
import type { TrainingConfig } from './architecture.js';
import type { SyntheticModelConfig } from './config.js';
import { SyntheticModel } from './model.js';
import type { PanelEvent, TrainedCheckpoint } from './panel-events.js';
import { isFolder } from './atomic-folder.js';
import { checkpointFolder, saveCheckpoint } from './save.js';
import { checkpointSteps } from './schedule.js';
import { randomFor } from './seeds.js';
import { SaeTrainer, type StepReport } from './train.js';

/** One training run of a panel. */
export interface PanelRun {
  readonly run: string;
  readonly variant: string;
  /** Decides the first weights and the batches. Runs of one seed see the same batches. */
  readonly trainSeed: number;
  readonly training: TrainingConfig;
}

/** What is trained and where it is saved: plain data, so that it can be handed to a thread. */
export interface PanelOptions {
  readonly panel: string;
  readonly model: SyntheticModelConfig;
  readonly runs: readonly PanelRun[];
  /** Checkpoints of each run, dense early. */
  readonly checkpoints: number;
  /** Checkpoints go to `<root>/<run>/step-<step>-tokens-<tokens>/`. */
  readonly root: string;
}

/**
 * Trains the runs of a panel step by step in turn, so that all curves grow together, and saves their checkpoints. A run's
 * weights depend on its own settings alone, not on the rest of the panel. A checkpoint that is there already stays as it
 * is: somebody may be reading it. Settings that differ therefore need a root of their own (`settingsDigest`).
 *
 * @throws DiscernError CONFIG_INVALID
 */
export async function* trainRuns(options: PanelOptions): AsyncGenerator<PanelEvent> {
  const model = new SyntheticModel(options.model);
  const runs = options.runs.map((run) => new RunInTraining(run, options, model.dim));
  const batches = new Batches(model);
  for (let step = 1; runs.some((run) => !run.isDone()); step++)
    for (const run of runs) {
      if (run.isDone()) continue;
      const report = run.trainer.trainStep(batches.at(step, run.settings));
      if (run.schedule.has(step)) yield await run.save(report);
      if (run.isDone()) yield { type: 'finished', panel: options.panel, run: run.settings.run, step };
    }
}

class RunInTraining {
  readonly trainer: SaeTrainer;
  readonly schedule: ReadonlySet<number>;

  constructor(
    readonly settings: PanelRun,
    private readonly options: PanelOptions,
    dIn: number,
  ) {
    this.trainer = new SaeTrainer(dIn, settings.training, settings.trainSeed);
    this.schedule = new Set(checkpointSteps(settings.training.steps, options.checkpoints));
  }

  isDone(): boolean {
    return this.trainer.step >= this.settings.training.steps;
  }

  async save({ explainedVariance, l0 }: StepReport): Promise<TrainedCheckpoint> {
    const { run, variant, trainSeed, training } = this.settings;
    const { step, parameters, threshold } = this.trainer;
    const tokens = step * training.batchSize;
    const dir = checkpointFolder(this.options.root, run, step, tokens);
    if (!(await isFolder(dir))) await saveCheckpoint(dir, { config: training, parameters, threshold });
    const { panel } = this.options;
    const { steps } = training;
    return { type: 'checkpoint', panel, run, variant, trainSeed, step, steps, tokens, dir, explainedVariance, l0 };
  }
}

/** The batch of each step, drawn once for all runs of the same seed and batch size. */
class Batches {
  private readonly streams = new Map<
    string,
    { readonly random: NumpyRandomState; readonly step: number; readonly batch: Matrix }
  >();

  constructor(private readonly model: SyntheticModel) {}

  at(step: number, { trainSeed, training }: PanelRun): Matrix {
    const key = `${trainSeed}/${training.batchSize}`;
    const known = this.streams.get(key);
    if (known?.step === step) return known.batch;
    const random = known?.random ?? randomFor(trainSeed, 'batches');
    const batch = this.model.sample(training.batchSize, random).hidden;
    this.streams.set(key, { random, step, batch });
    return batch;
  }
}
