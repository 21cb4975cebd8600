import { DiscernError } from '../errors.js';

/** The architectures that can be trained, by their SAELens names, with what is special to each. */
export type Architecture =
  /** ReLU with an L1 penalty, weighted by decoder norm. */
  | { readonly kind: 'standard'; readonly l1Coefficient: number }
  /** The k largest latents of each row. */
  | { readonly kind: 'topk'; readonly k: number }
  /** The k · rows largest latents of a batch; k on average. */
  | { readonly kind: 'batchtopk'; readonly k: number }
  /** BatchTopK whose first `widths[0]`, `widths[1]`, … latents must also reconstruct on their own. */
  | { readonly kind: 'matryoshka_batchtopk'; readonly k: number; readonly widths: readonly number[] };

/** How one SAE is trained. */
export interface TrainingConfig {
  readonly architecture: Architecture;
  readonly dSae: number;
  /** Rows in a step. */
  readonly batchSize: number;
  readonly steps: number;
  readonly learningRate: number;
  /** The learning rate falls linearly to zero over this many last steps. */
  readonly decaySteps: number;
  /** A latent that has not fired for this many steps is dead and trained on what the others miss. */
  readonly deadAfterSteps: number;
}

/**
 * Where the nested reconstructions end: the last is always the whole SAE.
 *
 * @returns ascending numbers of latents, the last one `dSae`
 * @throws DiscernError CONFIG_INVALID when Matryoshka widths do not ascend below `dSae`
 */
export function levelEnds(architecture: Architecture, dSae: number): readonly number[] {
  if (architecture.kind !== 'matryoshka_batchtopk') return [dSae];
  const ends = [...architecture.widths.filter((width) => width !== dSae), dSae];
  if (ends.every((end, level) => Number.isInteger(end) && end > (ends[level - 1] ?? 0))) return ends;
  throw new DiscernError(
    'CONFIG_INVALID',
    `training: Matryoshka widths are ${architecture.widths.join(', ')}, expected ascending numbers of latents up to ${dSae}`,
  );
}

/** @throws DiscernError CONFIG_INVALID that names the setting, its value and what is allowed */
export function checkTrainingConfig(config: TrainingConfig): void {
  for (const key of ['dSae', 'batchSize', 'steps', 'deadAfterSteps'] as const)
    expect(Number.isInteger(config[key]) && config[key] >= 1, key, config[key], 'a whole number from 1');
  expect(config.learningRate > 0, 'learningRate', config.learningRate, 'more than 0');
  const { decaySteps, steps, architecture, dSae } = config;
  expect(decaySteps >= 0 && decaySteps <= steps, 'decaySteps', decaySteps, `0 … ${steps}`);
  if (architecture.kind === 'standard') {
    expect(architecture.l1Coefficient >= 0, 'l1Coefficient', architecture.l1Coefficient, 'at least 0');
    return;
  }
  const { k } = architecture;
  expect(k > 0 && k <= dSae, 'k', k, `more than 0, at most ${dSae}`);
  if (architecture.kind === 'topk') expect(Number.isInteger(k), 'k', k, 'a whole number for topk');
  levelEnds(architecture, dSae);
}

function expect(holds: boolean, key: string, found: number, allowed: string): void {
  if (holds) return;
  throw new DiscernError('CONFIG_INVALID', `training: ${key} is ${found}, expected ${allowed}`);
}
