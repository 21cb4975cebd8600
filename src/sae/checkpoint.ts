/**
 * A checkpoint before its weights are read: what a folder on disk and a manifest on the log have in common.
 *
 * `weights` is the path of one local file (a manifest's claim check is fetched to one first).
 */
export interface CheckpointSource {
  /** The reader's id: `sae_lens`, `sparsify`, `gemma_scope`, … */
  readonly format: string;
  /** The format's own configuration (`cfg.json`), untouched; `{}` where the format has none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Further small JSON files of the checkpoint by name, e.g. `activation_scaler.json`. */
  readonly auxiliary: Readonly<Record<string, unknown>>;
  /** Path of the file that holds the tensors. */
  readonly weights: string;
}

/** Bounds that are checked before memory is taken. */
export interface CheckpointLimits {
  /** Largest size of the weights once they are float32, in bytes. */
  readonly maxBytes: number;
}
