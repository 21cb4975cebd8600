import type { RowSource } from '../kernels/matrix.js';
import { randomFor } from '../random/stream.js';
import { denseLogits, SAEBENCH_PROBE, trainDenseProbe, type DenseProbe } from './dense-probe.js';
import { denseRows } from './dense-rows.js';
import { oneAgainstRest } from './one-against-rest.js';
import { consecutive, drawGroups } from './row-groups.js';

/** Linear probes on model activations, one a class: each tells its class from the others. */
export interface ClassProbes {
  readonly probes: readonly DenseProbe[];
  /** [probes][classes · test rows]: each probe's logit of every test row, class after class */
  readonly logits: readonly Float32Array[];
}

/**
 * Trains the probes that TPP perturbs. They depend on the seed, which fixes rows, start and batches, and not on an SAE.
 *
 * Source: SAEBench 0.6.0, probe_training.py (train_probe_on_activations).
 *
 * @param source model activations of the data set
 * @param classes row numbers of each class; at least two classes
 * @returns undefined when a class is too small
 */
export function trainClassProbes(
  source: RowSource,
  classes: readonly Uint32Array[],
  seed: number,
): ClassProbes | undefined {
  const drawn = drawGroups(classes, seed);
  if (drawn === undefined) return undefined;
  const train = drawn.map((rows) => rows.train);
  const test = drawn.map((rows) => rows.test);
  const negatives = randomFor(seed, 'class probes: negatives');
  const probes = classes.map((_, one) =>
    trainDenseProbe(
      denseRows(source, oneAgainstRest(train, one, negatives)),
      denseRows(source, oneAgainstRest(test, one, negatives)),
      SAEBENCH_PROBE,
      randomFor(seed, `class probes: start and batches of ${one}`),
    ),
  );
  const testRows = joinGroups(test);
  return { probes, logits: probes.map((probe) => denseLogits(source, testRows, probe)) };
}

/** Rows of all groups, group after group. */
export function joinGroups(groups: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(groups.flatMap((rows) => [...rows]));
}

/** Where the rows of each of some equally large groups stand in `joinGroups`. */
export function groupPositions(groups: number, size: number): readonly Uint32Array[] {
  return Array.from({ length: groups }, (_, group) => consecutive(group * size, size));
}
