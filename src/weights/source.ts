/** Where weights lie and how to recognise them (contract §2, claim check). */
export interface WeightsClaim {
  readonly uri: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A local file with the claimed size and digest. */
export interface RedeemedWeights {
  readonly path: string;
  /** Gives up the file: one that was fetched is removed. */
  release(): Promise<void>;
}

export interface ClaimChecks {
  /**
   * @param signal gives up what is being fetched
   * @throws DiscernError WEIGHTS_FORBIDDEN for what the policy does not allow, WEIGHTS_UNREACHABLE for what is not
   * there or cannot be fetched, WEIGHTS_HASH_MISMATCH when size or digest differ, CHECKPOINT_TOO_LARGE
   */
  redeem(claim: WeightsClaim, signal: AbortSignal): Promise<RedeemedWeights>;
}

/** What redeems the claims of one kind of URI. */
export type WeightsSource = (claim: WeightsClaim, url: URL, signal: AbortSignal) => Promise<RedeemedWeights>;

/** A URI for messages: without what may be secret in it, as in the query of a signed one. */
export function shown({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
