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
  return difference.map((d, latent) => (d > 0 ? d * products[latent] : 0));
}

/** @param difference and @param products as for `positiveEffects` */
export function absoluteEffects(difference: Float32Array, products: Float32Array): Float32Array {
  return difference.map((d, latent) => Math.abs(d * products[latent]));
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
  const chosen = largestFirst(positive, effects);
  if (chosen.length < count) chosen.push(...none);
  if (chosen.length < count) chosen.push(...largestFirst(negative, effects));
  return Uint32Array.from(chosen.slice(0, count));
}

export function countPositive(effects: Float32Array): number {
  return effects.reduce((count, effect) => count + (effect > 0 ? 1 : 0), 0);
}

function largestFirst(latents: number[], effects: Float32Array): number[] {
  return latents.sort((a, b) => effects[b] - effects[a] || a - b);
}
