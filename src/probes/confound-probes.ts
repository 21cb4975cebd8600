import type { RowSource } from '../kernels/matrix.js';
import { randomFor } from '../random/stream.js';
import { denseLogits, SAEBENCH_PROBE, trainDenseProbe, type DenseProbe } from './dense-probe.js';
import { denseRows } from './dense-rows.js';
import { joinRows, type LabelledRows } from './one-against-rest.js';
import { drawGroups } from './row-groups.js';

/** A label's rows against those without it, to train on and to test on; as many of each kind. */
export interface ContrastRows {
  readonly train: LabelledRows;
  readonly test: LabelledRows;
}

/** Row numbers of the six groups of a confound task. */
export interface ConfoundGroups {
  readonly target: Uint32Array;
  readonly notTarget: Uint32Array;
  readonly spurious: Uint32Array;
  readonly notSpurious: Uint32Array;
  readonly both: Uint32Array;
  readonly neither: Uint32Array;
}

/** The same by what they contrast: target and not, spurious and not, both and neither. */
export interface ConfoundRows {
  readonly target: ContrastRows;
  readonly spurious: ContrastRows;
  readonly biased: ContrastRows;
}

/** Linear probes on model activations for each contrast. The biased one cannot tell target from spurious. */
export interface ConfoundProbes {
  readonly target: DenseProbe;
  readonly spurious: DenseProbe;
  readonly biased: DenseProbe;
  /** [test rows] logits on the test rows of a contrast, positives first, by probe and contrast */
  readonly logits: {
    readonly targetOnTarget: Float32Array;
    readonly spuriousOnSpurious: Float32Array;
    readonly biasedOnTarget: Float32Array;
    readonly biasedOnSpurious: Float32Array;
  };
}

/**
 * Every group cut to the size of the smallest and split.
 *
 * @returns undefined when a group is too small
 */
export function drawConfound(groups: ConfoundGroups, seed: number): ConfoundRows | undefined {
  const { target, notTarget, spurious, notSpurious, both, neither } = groups;
  const drawn = drawGroups([target, notTarget, spurious, notSpurious, both, neither], seed);
  if (drawn === undefined) return undefined;
  const contrast = (positive: number): ContrastRows => ({
    train: { positives: drawn[positive].train, negatives: drawn[positive + 1].train },
    test: { positives: drawn[positive].test, negatives: drawn[positive + 1].test },
  });
  return { target: contrast(0), spurious: contrast(2), biased: contrast(4) };
}

/**
 * Trains the probes that SCR needs. They depend on the seed, which fixes rows, start and batches, and not on an SAE.
 *
 * Source: SAEBench 0.6.0, probe_training.py and evals/scr_and_tpp/dataset_creation.py.
 *
 * @param source model activations of the data set
 */
export function trainConfoundProbes(source: RowSource, rows: ConfoundRows, seed: number): ConfoundProbes {
  const train = (name: keyof ConfoundRows): DenseProbe =>
    trainDenseProbe(
      denseRows(source, rows[name].train),
      denseRows(source, rows[name].test),
      SAEBENCH_PROBE,
      randomFor(seed, `confound probes: start and batches of ${name}`),
    );
  const probes = { target: train('target'), spurious: train('spurious'), biased: train('biased') };
  const onTarget = joinRows(rows.target.test);
  const onSpurious = joinRows(rows.spurious.test);
  return {
    ...probes,
    logits: {
      targetOnTarget: denseLogits(source, onTarget, probes.target),
      spuriousOnSpurious: denseLogits(source, onSpurious, probes.spurious),
      biasedOnTarget: denseLogits(source, onTarget, probes.biased),
      biasedOnSpurious: denseLogits(source, onSpurious, probes.biased),
    },
  };
}
