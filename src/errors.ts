/**
 * Every error Discern raises on purpose has a code from this registry. The code, in lower case, is also the `reason`
 * of a dead letter, so a code names what was wrong with the input, not where in the program it was noticed.
 */
export const ERROR_CODES = {
  CHECKPOINT_FORMAT_UNKNOWN: 'the checkpoint is of no known format',
  CHECKPOINT_INCOMPLETE: 'the checkpoint is not completely written',
  CHECKPOINT_CORRUPT: 'the checkpoint cannot be read',
  CHECKPOINT_TENSOR_MISSING: 'a tensor is missing from the checkpoint',
  CHECKPOINT_SHAPE_MISMATCH: 'a tensor of the checkpoint has the wrong shape',
  CHECKPOINT_ARCHITECTURE_UNKNOWN: 'the architecture of the checkpoint is unknown',
  CHECKPOINT_CONFIG_INVALID: 'the configuration of the checkpoint is invalid',
  CHECKPOINT_NOT_FINITE: 'the weights of the checkpoint are not finite',
  CHECKPOINT_STEP_UNKNOWN: 'the training step of the checkpoint is not known',
  CHECKPOINT_TOO_LARGE: 'the checkpoint is larger than allowed',
  WEIGHTS_UNREACHABLE: 'the weights cannot be fetched',
  WEIGHTS_FORBIDDEN: 'the weights lie outside the allowed roots and hosts',
  WEIGHTS_HASH_MISMATCH: 'the weights are not those the manifest names',
  CHUNK_MISSING: 'a chunk of the weights is missing',
  CHUNK_UNEXPECTED: 'a chunk belongs to no manifest',
  BUNDLE_INVALID: 'the bundle cannot be read',
  BUNDLE_EMPTY: 'the bundle has nothing to evaluate on',
  BUNDLE_DIGEST_MISMATCH: 'the bundle is not the one of the panel',
  DIMENSION_MISMATCH: 'the checkpoint and the bundle differ in d_in',
  PANEL_UNKNOWN: 'the panel is not configured',
  METRIC_UNKNOWN: 'the metric is unknown',
  METRIC_UNSUPPORTED: 'the bundle lacks what the metric needs',
  SCORE_NOT_FINITE: 'the score is not a finite number',
  EVALUATION_FAILED: 'the evaluation failed',
  RECORD_UNDECODABLE: 'the record is not MessagePack',
  RECORD_INVALID: 'the record does not follow its schema',
  RECORD_VERSION_UNKNOWN: 'the record has an unknown schema version',
  TENSOR_FILE_INVALID: 'the tensor file cannot be read',
  BACKEND_UNAVAILABLE: 'the compute backend is not available',
  BACKEND_FAILED: 'the compute backend failed',
  CONFIG_INVALID: 'the configuration is invalid',
  LOG_UNAVAILABLE: 'the log is not available',
  ADDRESS_UNAVAILABLE: 'the address cannot be listened on',
  SCORES_INVALID: 'the recorded scores cannot be read',
  USAGE: 'the command was used wrongly',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * An error with a code from the registry. `message` says what was wrong with which input, what was expected and what
 * was found; `hint`, where there is one, says what to do.
 */
export class DiscernError extends Error {
  override readonly name = 'DiscernError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly hint?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if (options.hint !== undefined) this.hint = options.hint;
  }

  readonly hint?: string;

  /** The `reason` of a dead letter and the label of its counter. */
  get reason(): string {
    return this.code.toLowerCase();
  }
}

/** The error itself when it is typed, otherwise a typed one that keeps it as its cause. */
export function asDiscernError(error: unknown, code: ErrorCode): DiscernError {
  if (error instanceof DiscernError) return error;
  return new DiscernError(code, error instanceof Error ? error.message : String(error), { cause: error });
}
