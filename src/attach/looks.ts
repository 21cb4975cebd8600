import { DiscernError } from '../errors.js';
import { openCheckpoint, stepHintOf } from '../sae/readers.js';
import type { CheckpointSource } from '../sae/checkpoint.js';
import { fileStateOf, fileStates } from './file-states.js';
import { identityOf, type CheckpointIdentity } from './layout.js';

/** What a look at a folder under watch found. */
export type Finding =
  | {
      readonly type: 'finished';
      readonly dir: string;
      readonly source: CheckpointSource;
      readonly identity: CheckpointIdentity;
    }
  /** Something is there that cannot be published (yet): half-written, broken, or its step is not known. */
  | { readonly type: 'held'; readonly dir: string; readonly error: DiscernError };

/**
 * Looks at folders, and keeps account of what it saw: a folder is looked at again when its files have changed, or
 * while its checkpoint is incomplete, and what is wrong with it is told once.
 */
export class Looks {
  /** The state of the files of each folder when it was last looked at. */
  private readonly seen = new Map<string, string>();
  /** What was last said of the folders that may yet be completed. */
  private readonly incomplete = new Map<string, string>();

  /** What a folder has become since the last look; undefined where that is nothing new. */
  async look(dir: string): Promise<Finding | undefined> {
    // Read first: what is written while the folder is looked at leads to another look.
    const state = await fileStateOf(dir);
    if (state === undefined || state === this.seen.get(dir)) return undefined;
    this.seen.set(dir, state);
    const finding = await find(dir);
    return this.isNews(dir, finding) ? finding : undefined;
  }

  /** The folders below a root that are to be looked at; forgets those that are gone. */
  async due(root: string): Promise<readonly string[]> {
    const states = await fileStates(root);
    for (const dir of this.seen.keys()) if (!states.has(dir)) this.forget(dir);
    // Not everything that completes a checkpoint is a change of its folder: it may be that nothing changes any more.
    for (const dir of this.incomplete.keys()) this.seen.delete(dir);
    return [...states].filter(([dir, state]) => this.seen.get(dir) !== state).map(([dir]) => dir);
  }

  private forget(dir: string): void {
    this.seen.delete(dir);
    this.incomplete.delete(dir);
  }

  private isNews(dir: string, finding: Finding | undefined): finding is Finding {
    if (finding?.type !== 'held' || finding.error.code !== 'CHECKPOINT_INCOMPLETE') {
      this.incomplete.delete(dir);
      return finding !== undefined;
    }
    const news = this.incomplete.get(dir) !== finding.error.message;
    this.incomplete.set(dir, finding.error.message);
    return news;
  }
}

async function find(dir: string): Promise<Finding | undefined> {
  try {
    const source = await openCheckpoint(dir);
    const identity = complete(dir, source.format, await identityOf(dir));
    return { type: 'finished', dir, source, identity };
  } catch (error) {
    if (!(error instanceof DiscernError)) throw error;
    // A folder of something else (logs, a tokenizer) is no checkpoint and no news.
    if (error.code === 'CHECKPOINT_FORMAT_UNKNOWN') return undefined;
    return { type: 'held', dir, error };
  }
}

function complete(dir: string, format: string, found: Partial<CheckpointIdentity>): CheckpointIdentity {
  const { run, variant, trainSeed, step, tokens } = found;
  if (run === undefined || variant === undefined || step === undefined || tokens === undefined)
    throw new DiscernError('CHECKPOINT_STEP_UNKNOWN', `${dir}: the folder's name does not tell the training step`, {
      hint: stepHintOf(format),
    });
  return { run, variant, trainSeed: trainSeed ?? 0, step, tokens };
}
