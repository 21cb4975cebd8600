/** Up to so many times as many latents as are wanted, all are sorted: looking for the smallest effect wanted costs more. */
const SORTED_WHOLE = 2;

/**
 * The part of a probe's decision that each latent makes, [d_sae]: what the class-mean difference of its activation
 * moves the logit. TPP counts only latents that the positive class activates more; SCR counts magnitudes.
 *
 * Source: SAEBench 0.6.0, evals/scr_and_tpp/main.py (get_effects_per_class_precomputed_acts).
 *
 * @param difference mean activation over positive rows minus mean over negative rows, [d_sae]
 * @param products of the decoder's rows with the probe's weights, [d_sae]
 */
export function positiveEffects(difference: Float32Array, products: Float32Array): Float32Array {
  const effects = new Float32Array(difference.length);
  for (let latent = 0; latent < effects.length; latent++)
    if (difference[latent] > 0) effects[latent] = difference[latent] * products[latent];
  return effects;
}

/** @param difference and @param products as for `positiveEffects` */
export function absoluteEffects(difference: Float32Array, products: Float32Array): Float32Array {
  const effects = new Float32Array(difference.length);
  for (let latent = 0; latent < effects.length; latent++)
    effects[latent] = Math.abs(difference[latent] * products[latent]);
  return effects;
}

/**
 * The latents to ablate, largest effect first; of equal ones the lower latent first. As many as are asked for, but no
 * more than have an effect that is not 0: of signed effects that can still take in latents without any, which come
 * after the positive ones and before the negative ones. Their order is arbitrary in the original.
 *
 * Source: SAEBench 0.6.0, evals/scr_and_tpp/main.py (select_top_n_features).
 */
export function largestEffects(effects: Float32Array, n: number): Uint32Array {
  const positive: number[] = [];
  const negative: number[] = [];
  const none: number[] = [];
  for (let latent = 0; latent < effects.length; latent++) {
    if (effects[latent] > 0) positive.push(latent);
    else if (effects[latent] < 0) negative.push(latent);
    else if (none.length < n) none.push(latent);
  }
  const count = Math.min(n, positive.length + negative.length);
  const chosen = largestFirst(positive, effects, count);
  if (chosen.length < count) chosen.push(...none);
  if (chosen.length < count) chosen.push(...largestFirst(negative, effects, count - chosen.length));
  return Uint32Array.from(chosen.slice(0, count));
}

export function countPositive(effects: Float32Array): number {
  return effects.reduce((count, effect) => count + (effect > 0 ? 1 : 0), 0);
}

/** The `count` of them with the largest effects, or a few more where some are equal. */
function largestFirst(latents: readonly number[], effects: Float32Array, count: number): number[] {
  const candidates = latents.length > SORTED_WHOLE * count ? reaching(latents, effects, count) : [...latents];
  return candidates.sort((a, b) => effects[b] - effects[a] || a - b);
}

/** Those whose effect is at least the `count`-th largest: numbers are sorted in a fraction of the time of their positions. */
function reaching(latents: readonly number[], effects: Float32Array, count: number): number[] {
  const values = new Float32Array(latents.length);
  for (let i = 0; i < values.length; i++) values[i] = effects[latents[i]];
  const limit = values.sort()[values.length - count];
  return latents.filter((latent) => effects[latent] >= limit);
}
