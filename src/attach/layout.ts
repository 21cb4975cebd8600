import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** What names a checkpoint, apart from its panel. */
export interface CheckpointIdentity {
  readonly run: string;
  readonly variant: string;
  readonly trainSeed: number;
  readonly step: number;
  readonly tokens: number;
}

/**
 * Reads a checkpoint's identity off its place on disk. Known layouts:
 *
 * - `<run>/step-<step>-tokens-<tokens>/` and `<run>/step-<step>/`
 * - SAELens' training runner: `<run>/<tokens>/` and `<run>/final_<tokens>/` (it names folders by the number of training
 *   samples; `runner_cfg.json`, where it is there, gives the batch size that turns them into steps, and the seed)
 *
 * The variant is the run without a `seed<n>` part; the training seed is that number, the runner's, or 0.
 *
 * @returns undefined parts where the folder does not tell
 */
export async function identityOf(dir: string): Promise<Partial<CheckpointIdentity>> {
  const folder = resolve(dir);
  const run = basename(dirname(folder));
  const runner = await readRunnerConfig(folder);
  const seed = /seed[-_]?(\d+)/i.exec(run)?.[1];
  return {
    ...(run === '' ? {} : { run, variant: variantOf(run) }),
    trainSeed: seed !== undefined ? Number(seed) : (numberAt(runner, 'seed') ?? 0),
    ...progressOf(basename(folder), numberAt(runner, 'train_batch_size_tokens')),
  };
}

/** `batchtopk-k16-seed0` → `batchtopk-k16` */
export function variantOf(run: string): string {
  const variant = run.replace(/[-_.]?seed[-_]?\d+/i, '');
  return variant === '' ? run : variant;
}

function progressOf(folder: string, batch: number | undefined): Partial<CheckpointIdentity> {
  const named = /^step[-_](\d+)(?:[-_]tokens[-_](\d+))?$/.exec(folder);
  if (named !== null) {
    const step = Number(named[1]);
    const tokens = named.at(2);
    return { step, tokens: tokens === undefined ? step : Number(tokens) };
  }
  const counted = /^(?:final_)?(\d+)$/.exec(folder);
  if (counted === null) return {};
  const tokens = Number(counted[1]);
  return { step: batch === undefined || batch <= 0 ? tokens : Math.round(tokens / batch), tokens };
}

async function readRunnerConfig(folder: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(folder, 'runner_cfg.json'), 'utf8');
  } catch {
    // Only SAELens' training runner writes one; an inference snapshot has none.
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Being written: the checkpoint's reader decides whether it is complete.
    return undefined;
  }
}

function numberAt(value: unknown, key: string): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}
