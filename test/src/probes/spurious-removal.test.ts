import { describe, expect, it } from '@jest/globals';
import type { ConfoundProbes, ConfoundRows, ContrastRows } from '../../../src/probes/confound-probes.js';
import { removeSpurious, type ConfoundProducts } from '../../../src/probes/spurious-removal.js';
import { IDENTITY, D_SAE } from '../metrics/labelled-bundle.js';
import { codesOf } from './designs.js';

const rows = (positives: readonly number[], negatives: readonly number[]) => ({
  positives: Uint32Array.from(positives),
  negatives: Uint32Array.from(negatives),
});

/** Latent 0 is the target, latent 1 the spurious label. Rows: T∧S, T, S, neither. */
const codes = codesOf(
  [
    [1, 1],
    [1, 0],
    [0, 1],
    [0, 0],
  ].map((row) => [...row, ...new Array<number>(D_SAE - 2).fill(0)]),
  D_SAE,
);
const target: ContrastRows = { train: rows([0, 1], [2, 3]), test: rows([0, 1], [2, 3]) };
const spurious: ContrastRows = { train: rows([0, 2], [1, 3]), test: rows([0, 2], [1, 3]) };
const biased: ContrastRows = { train: rows([0], [3]), test: rows([0], [3]) };
const groups: ConfoundRows = { target, spurious, biased };

/** A probe on the first two dimensions, and its logits on the test rows of a contrast. */
function probe(onTarget: number, onSpurious: number, bias: number) {
  const weights = new Float32Array(D_SAE);
  weights.set([onTarget, onSpurious]);
  const logit = (row: number): number => bias + (row < 2 ? onTarget : 0) + (row === 0 || row === 2 ? onSpurious : 0);
  return {
    weights,
    bias,
    on: (test: ContrastRows['test']) => Float32Array.from([...test.positives, ...test.negatives], logit),
  };
}

/** Logits and products: the decoder is the identity. */
function probesWith(biasedProbe: ReturnType<typeof probe>): [ConfoundProbes['logits'], ConfoundProducts] {
  const [onTarget, onSpurious] = [probe(2, 0, -1), probe(0, 2, -1)];
  return [
    {
      targetOnTarget: onTarget.on(target.test),
      spuriousOnSpurious: onSpurious.on(spurious.test),
      biasedOnTarget: biasedProbe.on(target.test),
      biasedOnSpurious: biasedProbe.on(spurious.test),
    },
    { target: onTarget.weights, spurious: onSpurious.weights, biased: biasedProbe.weights },
  ];
}

const task = {
  sae: IDENTITY,
  codes,
  source: { rows: 4, cols: D_SAE, read: () => undefined },
  rows: groups,
  ns: [1, 2],
};

describe('spurious correlation removal', () => {
  it('gives back what the spurious latent took, in the direction where the biased probe does worse', () => {
    // Follows the spurious label; the target decides only without it.
    const result = removeSpurious(task, ...probesWith(probe(1, 2, -0.9)));
    expect(result.onTarget).toMatchObject({ clean: 1, biased: 0.75 });
    expect(result.onSpurious.biased).toBe(0.75);
    expect(result.canonical).toBeUndefined();

    const follower = removeSpurious(task, ...probesWith(probe(0.4, 2, -0.5)));
    expect(follower.onTarget).toMatchObject({ clean: 1, biased: 0.5 });
    expect(follower.onSpurious).toMatchObject({ clean: 1, biased: 1 });
    expect(follower.canonical).toBe(follower.onTarget);
  });

  it('scores the share of the lost accuracy that is made good, and a loss of more below 0', () => {
    const { onTarget } = removeSpurious(task, ...probesWith(probe(1, 2, -0.9)));
    // Without the spurious latent the probe is right on every row.
    expect(onTarget.scores[0]).toBe(1);
  });

  it('scores 0 where the biased probe has lost nothing', () => {
    const { onSpurious } = removeSpurious(task, ...probesWith(probe(0.4, 2, -0.5)));
    expect(onSpurious.scores).toEqual([0, 0]);
  });

  it('ablates no more latents than have an effect', () => {
    const { onTarget } = removeSpurious(task, ...probesWith(probe(1, 2, -0.9)));
    expect(onTarget.scores[1]).toBe(onTarget.scores[0]);
  });
});
