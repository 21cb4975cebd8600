import type { CheckpointLimits, CheckpointSource } from './checkpoint.js';
import type { Sae } from './sae.js';

/** Reads the checkpoints of one library. A format is one file that exports one of these, and one line in the registry. */
export interface FormatReader {
  /** What a manifest's `format` says. */
  readonly id: string;
  /** The files that make a folder one of these, in words, for the message when none fits. */
  readonly files: string;
  /** What to do when the name of a folder does not tell the training step; absent where folders are named by it. */
  readonly stepHint?: string;
  /** Whether a folder with these files is a checkpoint of this format, completely written or not. */
  detect(files: ReadonlySet<string>): boolean;
  /**
   * What the folder holds, without its weights.
   *
   * @throws DiscernError CHECKPOINT_INCOMPLETE when it is not completely written, CHECKPOINT_CORRUPT when a file is
   * broken
   */
  source(dir: string, files: ReadonlySet<string>): Promise<CheckpointSource>;
  /** @throws DiscernError, naming the file and what was expected and found */
  read(source: CheckpointSource, limits: CheckpointLimits): Promise<Sae>;
}
