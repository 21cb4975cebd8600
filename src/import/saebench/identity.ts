import { variantOf, type CheckpointIdentity } from '../../attach/layout.js';
import { DiscernError } from '../../errors.js';
import type { SaeBenchResult } from './reader.js';

/** What the command line says of results whose names do not. */
export interface IdentityOptions {
  readonly panel?: string;
  readonly run?: string;
  readonly variant?: string;
  readonly trainSeed?: number;
  readonly step?: number;
  readonly tokens?: number;
  /** Finds the parts in a result's name by its named groups: run, variant, seed, step, tokens. */
  readonly names?: RegExp;
}

/** An SAE that was evaluated. `step` is undefined where nothing tells it. */
export type SaeIdentity = Omit<CheckpointIdentity, 'step' | 'tokens'> & {
  readonly panel: string;
  readonly step: number | undefined;
  readonly tokens: number | undefined;
};

/** What SAEBench calls an SAE that it was handed as an object: the name the caller gave is then the release. */
const HANDED_OVER = 'custom_sae';

const STEP = /(?:^|[-_./])step[-_=]?(\d+)(?!\d|\.\d)/i;
const TOKENS = /(?:^|[-_./])tokens[-_=]?(\d+)(?!\d|\.\d)/i;
const SEED = /seed[-_=]?(\d+)/i;

/**
 * Name of the SAE behind a result: `release/id`, as SAELens lists it. Without either it is the file's name, which
 * SAEBench makes of the two.
 */
export function nameOf({ release, id }: Pick<SaeBenchResult, 'release' | 'id'>, file: string): string {
  const parts = [release, id === HANDED_OVER ? null : id].filter((part) => part !== null && part !== '');
  return parts.length > 0 ? parts.join('/') : file.replace(/(?:_eval_results)?\.json$/, '');
}

/**
 * Takes a name apart. `sae_bench_gemma-2-2b_topk/blocks.5.hook_resid_post__trainer_3_step_4000` is step 4000 of the run
 * that remains without `_step_4000`; likewise `tokens` and, for the training seed, `seed`. Options go before names.
 *
 * @throws DiscernError USAGE when a name does not match the pattern that was given
 */
export function identityOf(name: string, result: SaeBenchResult, options: IdentityOptions): SaeIdentity {
  const found = options.names === undefined ? partsOf(name) : matched(name, options.names);
  const run = options.run ?? found.run ?? name;
  const step = found.step ?? options.step;
  return {
    panel: options.panel ?? panelOf(result),
    run,
    variant: options.variant ?? found.variant ?? variantOf(run),
    trainSeed: options.trainSeed ?? found.seed ?? 0,
    step,
    tokens: found.tokens ?? options.tokens ?? step,
  };
}

interface Parts {
  readonly run?: string | undefined;
  readonly variant?: string | undefined;
  readonly seed?: number | undefined;
  readonly step?: number | undefined;
  readonly tokens?: number | undefined;
}

function partsOf(name: string): Parts {
  const run = name.replace(TOKENS, '').replace(STEP, '');
  return {
    run: run === '' ? undefined : run,
    ...{ seed: count(SEED.exec(name)?.[1]), step: count(STEP.exec(name)?.[1]), tokens: count(TOKENS.exec(name)?.[1]) },
  };
}

function matched(name: string, pattern: RegExp): Parts {
  const groups: Partial<Record<string, string>> | undefined = pattern.exec(name)?.groups;
  if (groups === undefined)
    throw new DiscernError('USAGE', `--names: ${String(pattern)} has no named group that matches ${name}`, {
      hint: 'Groups are run, variant, seed, step and tokens: --names "(?<run>.+)_at_(?<step>\\d+)".',
    });
  const { run, variant, seed, step, tokens } = groups;
  return { run, variant, seed: count(seed), step: count(step), tokens: count(tokens) };
}

/** @throws DiscernError USAGE for a group that is no count */
function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new DiscernError('USAGE', `expected a whole number of 0 or more for a seed, step or tokens, found ${text}`);
}

/** SAEs that are compared share a model and a hook point, which SAELens' ids begin with. */
function panelOf({ model, hook, id }: SaeBenchResult): string {
  const point = hook ?? /^blocks\.\d+\.[\w.]*?hook_[a-z]+(?:_[a-z]+)*/.exec(id ?? '')?.[0];
  const name = [model?.split('/').at(-1), point].filter((part) => part !== undefined).join('/');
  return name === '' ? 'saebench' : name;
}
