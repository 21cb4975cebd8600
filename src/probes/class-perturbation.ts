import type { RowSource, SparseCodes } from '../kernels/matrix.js';
import { randomFor } from '../random/stream.js';
import type { EncodedSae } from '../sae/sae.js';
import { ablatedEntries, ablatedLogits, decodedUnits, type AblationRows } from './ablation.js';
import { groupPositions, joinGroups, type ClassProbes } from './class-probes.js';
import { probeAccuracy } from './dense-rows.js';
import { countPositive, largestEffects, positiveEffects } from './latent-effects.js';
import { meanDifference } from './mean-difference.js';
import { oneAgainstRest } from './one-against-rest.js';
import { drawGroups } from './row-groups.js';

/** A class task on the codes of its data set. */
export interface ClassPerturbation {
  readonly sae: EncodedSae;
  readonly codes: SparseCodes;
  /** The model activations that were encoded. */
  readonly source: RowSource;
  /** Row numbers of each class; at least two classes. */
  readonly classes: readonly Uint32Array[];
  /** How many latents are ablated, ascending. */
  readonly ns: readonly number[];
}

/** What ablating the latents of each class does to the probes. */
export interface PerturbationResult {
  /** [ns] accuracy that the probe of the ablated class loses minus what the others lose on average; the mean over classes */
  readonly selectivity: readonly number[];
  /** Latents with a positive effect, the mean over classes: where n is larger, others are ablated as well. */
  readonly positiveEffects: number;
}

/**
 * Targeted probe perturbation as SAEBench 0.6.0 does it. Negatives are drawn anew for the effects, for the accuracy
 * before and for that after an ablation, as they are there: that is part of the metric's noise. The ns of an ablation
 * share a draw.
 *
 * Source: SAEBench 0.6.0, evals/scr_and_tpp/main.py (perform_feature_ablations, create_tpp_plotting_dict).
 *
 * @param trained the probes of the same classes and seed
 * @param products [probes][d_sae] of the decoder's rows with each probe's weights
 * @returns undefined when a class is too small
 */
export function perturbClasses(
  task: ClassPerturbation,
  trained: ClassProbes,
  products: readonly Float32Array[],
  seed: number,
): PerturbationResult | undefined {
  const drawn = drawGroups(task.classes, seed);
  if (drawn === undefined) return undefined;
  const { sae, codes, source, ns } = task;
  const train = drawn.map((rows) => rows.train);
  const test = joinGroups(drawn.map((rows) => rows.test));
  const positions = groupPositions(drawn.length, drawn[0].test.length);
  const rows: AblationRows = { codes, rows: test, ...scalesOf(sae, source, test) };
  const { probes, logits } = trained;
  const negatives = randomFor(seed, 'perturbation: negatives');
  const clean = probes.map((_, probe) => probeAccuracy(logits[probe], oneAgainstRest(positions, probe, negatives)));

  const selectivity = ns.map(() => 0);
  let positive = 0;
  for (let ablated = 0; ablated < probes.length; ablated++) {
    const difference = meanDifference(codes, oneAgainstRest(train, ablated, negatives));
    const effects = positiveEffects(difference, products[ablated]);
    const latents = largestEffects(effects, ns[ns.length - 1]);
    const entries = ablatedEntries(rows, latents, ns);
    positive += countPositive(effects);
    for (let probe = 0; probe < probes.length; probe++) {
      const judged = oneAgainstRest(positions, probe, negatives);
      const share = probe === ablated ? 1 : -1 / (probes.length - 1);
      ablatedLogits(entries, products[probe], logits[probe]).forEach((after, i) => {
        selectivity[i] += (share * (clean[probe] - probeAccuracy(after, judged))) / probes.length;
      });
    }
  }
  return { selectivity, positiveEffects: positive / probes.length };
}

/** The scales that stand between an SAE's activations and its reconstruction. */
export function scalesOf(
  sae: EncodedSae,
  source: RowSource,
  rows: Uint32Array,
): Pick<AblationRows, 'units' | 'latentScale'> {
  const units = decodedUnits(sae, source, rows);
  return {
    ...(units === undefined ? {} : { units }),
    ...(sae.latentScale === undefined ? {} : { latentScale: sae.latentScale }),
  };
}
