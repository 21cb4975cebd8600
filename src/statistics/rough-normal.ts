/**
 * The z with P(Z ≥ z) = tail to 5·10⁻⁴ (Hastings 1955; Abramowitz and Stegun 26.2.23): where Newton's method starts.
 */
export function roughNormalQuantile(tail: number): number {
  if (tail > 0.5) return -roughNormalQuantile(1 - tail);
  const t = Math.sqrt(-2 * Math.log(tail));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return t - numerator / denominator;
}
