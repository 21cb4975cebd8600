import type { RowSource, SparseCodes } from '../kernels/matrix.js';
import type { EncodedSae } from '../sae/sae.js';
import { ablatedEntries, ablatedLogits } from './ablation.js';
import { scalesOf } from './class-perturbation.js';
import type { ConfoundProbes, ConfoundRows, ContrastRows } from './confound-probes.js';
import { probeAccuracy } from './dense-rows.js';
import { absoluteEffects, largestEffects } from './latent-effects.js';
import { meanDifference } from './mean-difference.js';
import { joinRows, type LabelledRows } from './one-against-rest.js';
import { consecutive } from './row-groups.js';

/** A confound task on the codes of its data set. */
export interface SpuriousRemoval {
  readonly sae: EncodedSae;
  readonly codes: SparseCodes;
  /** The model activations that were encoded. */
  readonly source: RowSource;
  readonly rows: ConfoundRows;
  /** How many latents are ablated, ascending. */
  readonly ns: readonly number[];
}

/** By probe, what one unit of each latent's activation makes of its logit, [d_sae]. */
export type ConfoundProducts = Readonly<Record<'target' | 'spurious' | 'biased', Float32Array>>;

/** How the biased probe does once latents are ablated, in one direction. */
export interface RemovalDirection {
  /** Accuracy of the probe that was trained for the label, and of the biased one, on the label's test rows. */
  readonly clean: number;
  readonly biased: number;
  /** [ns] share of the difference that the biased probe makes good; 0 where there is none to speak of */
  readonly scores: readonly number[];
}

export interface RemovalResult {
  /** Latents of the spurious label ablated, judged on the target. */
  readonly onTarget: RemovalDirection;
  /** Latents of the target ablated, judged on the spurious label. */
  readonly onSpurious: RemovalDirection;
  /** The direction in which the biased probe does worse; absent where it does equally well in both. */
  readonly canonical?: RemovalDirection;
}

/** Below this difference of accuracies the original gives a direction the score 0. */
const SMALLEST_GAP = 0.001;

/**
 * Spurious correlation removal as SAEBench 0.6.0 does it.
 *
 * Source: SAEBench 0.6.0, evals/scr_and_tpp/main.py (get_scr_plotting_dict).
 *
 * @param logits of the probes of the same rows and seed
 * @param products of the decoder's rows with each probe's weights, [d_sae]
 */
export function removeSpurious(
  task: SpuriousRemoval,
  logits: ConfoundProbes['logits'],
  products: ConfoundProducts,
): RemovalResult {
  const { target, spurious } = task.rows;
  const onTarget = direction(task, { ablated: products.spurious, by: spurious }, products.biased, {
    rows: target.test,
    clean: logits.targetOnTarget,
    biased: logits.biasedOnTarget,
  });
  const onSpurious = direction(task, { ablated: products.target, by: target }, products.biased, {
    rows: spurious.test,
    clean: logits.spuriousOnSpurious,
    biased: logits.biasedOnSpurious,
  });
  if (onTarget.biased === onSpurious.biased) return { onTarget, onSpurious };
  return { onTarget, onSpurious, canonical: onTarget.biased < onSpurious.biased ? onTarget : onSpurious };
}

interface Judgement {
  readonly rows: LabelledRows;
  /** [test rows] logits before the ablation */
  readonly clean: Float32Array;
  readonly biased: Float32Array;
}

function direction(
  { sae, codes, source, ns }: SpuriousRemoval,
  { ablated, by }: { readonly ablated: Float32Array; readonly by: ContrastRows },
  biased: Float32Array,
  judgement: Judgement,
): RemovalDirection {
  const effects = absoluteEffects(meanDifference(codes, by.train), ablated);
  const latents = largestEffects(effects, ns[ns.length - 1]);
  const rows = joinRows(judgement.rows);
  const judged = {
    positives: consecutive(0, judgement.rows.positives.length),
    negatives: consecutive(judgement.rows.positives.length, judgement.rows.negatives.length),
  };
  const before = probeAccuracy(judgement.biased, judged);
  const clean = probeAccuracy(judgement.clean, judged);
  const entries = ablatedEntries({ codes, rows, ...scalesOf(sae, source, rows) }, latents, ns);
  const scores = ablatedLogits(entries, biased, judgement.biased).map((logits) =>
    clean - before < SMALLEST_GAP ? 0 : (probeAccuracy(logits, judged) - before) / (clean - before),
  );
  return { clean, biased: before, scores };
}
