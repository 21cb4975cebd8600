/**
 * A Shiryaev–Roberts e-detector (Shin, Ramdas and Rinaldo 2023): M ← (1 + M)·L over likelihood ratios L of "changed"
 * against "not changed". Alarms at M ≥ c come on average at most once in c observations as long as nothing has changed,
 * for any sample size: E[L] ≤ 1 makes M − n a supermartingale.
 */
export class EDetector {
  private evidence = 0;

  get value(): number {
    return this.evidence;
  }

  update(logLikelihoodRatio: number): void {
    // Bounded, so that no amount of evidence becomes Infinity.
    this.evidence = Math.min((1 + this.evidence) * Math.exp(logLikelihoodRatio), Number.MAX_SAFE_INTEGER);
  }

  reset(): void {
    this.evidence = 0;
  }
}
