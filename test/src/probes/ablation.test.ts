import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDecoder } from '../../../src/kernels/decode.js';
import type { Matrix, RowSource } from '../../../src/kernels/matrix.js';
import { ablatedEntries, ablatedLogits, decodedUnits } from '../../../src/probes/ablation.js';
import { denseLogits } from '../../../src/probes/dense-probe.js';
import { absoluteEffects, countPositive, largestEffects, positiveEffects } from '../../../src/probes/latent-effects.js';
import { meanDifference } from '../../../src/probes/mean-difference.js';
import { consecutive } from '../../../src/probes/row-groups.js';
import type { Sae } from '../../../src/sae/sae.js';
import { codesOf } from './designs.js';
import { saebench } from './saebench.js';

function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, cols: rows[0].length, data: Float32Array.from(rows.flat()) };
}

function sourceOf({ rows, cols, data }: Matrix): RowSource {
  return { rows, cols, read: (start, count, out) => out.set(data.subarray(start * cols, (start + count) * cols)) };
}

/** W_dec·w */
function productsOf({ rows, cols, data }: Matrix, weights: Float32Array): Float32Array {
  return Float32Array.from({ length: rows }, (_, latent) =>
    weights.reduce((sum, weight, i) => sum + weight * data[latent * cols + i], 0),
  );
}

const ascending = (latents: Uint32Array): number[] => [...latents].sort((a, b) => a - b);

describe.each(saebench.ablation)('ablation of a small SAE’s latents', (reference) => {
  const { x, z, ns, rows } = reference;
  const codes = codesOf(z, z[0].length);
  const probe = { weights: Float32Array.from(reference.weights), bias: reference.bias };
  const products = productsOf(matrixOf(reference.decoder), probe.weights);
  const difference = meanDifference(codes, { positives: consecutive(0, rows), negatives: consecutive(rows, rows) });
  const clean = denseLogits(sourceOf(matrixOf(x)), consecutive(0, x.length), probe);

  it.each([
    ['tpp', positiveEffects],
    ['scr', absoluteEffects],
  ] as const)('has the effects, the choice and the logits of SAEBench’s %s', (kind, effectsOf) => {
    const expected = reference[kind];
    const effects = effectsOf(difference, products);
    // Means and products are rounded to float32 at other places there.
    effects.forEach((effect, latent) => expect(effect).toBeCloseTo(expected.effects[latent], 5));
    expect(countPositive(effects)).toBe(expected.positive);

    const latents = largestEffects(effects, Math.max(...ns));
    expect(latents).toHaveLength(expected.non_zero);
    const entries = ablatedEntries({ codes, rows: consecutive(0, 2 * rows) }, latents, ns);
    const logits = ablatedLogits(entries, products, clean);
    ns.forEach((n, i) => {
      // Beyond the positive effects the original's order is arbitrary.
      if (kind === 'tpp' && n > expected.positive) return;
      expect(ascending(latents.subarray(0, n))).toEqual(expected.chosen[i]);
      logits[i].forEach((logit, row) => expect(logit).toBeCloseTo(expected.logits[i][row], 4));
    });
  });
});

describe('the latents with the largest effects', () => {
  it('come largest first, the lower of equal ones first, and those without effect before the negative ones', () => {
    const effects = Float32Array.of(0, 2, -1, 0, 5, 2, -3, 0);
    expect(largestEffects(effects, 3)).toEqual(Uint32Array.of(4, 1, 5));
    expect(largestEffects(effects, 5)).toEqual(Uint32Array.of(4, 1, 5, 0, 3));
  });

  it('are no more than have an effect', () => {
    expect(largestEffects(Float32Array.of(0, 0, 1, 0), 3)).toEqual(Uint32Array.of(2));
    expect(largestEffects(Float32Array.of(-2, -1), 5)).toEqual(Uint32Array.of(1, 0));
    expect(largestEffects(new Float32Array(4), 2)).toHaveLength(0);
  });

  it('are nested: a larger n ablates what a smaller one does', () => {
    const effects = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(effects, fc.integer({ min: 0, max: 30 }), (values, n) => {
        const all = largestEffects(Float32Array.from(values), values.length);
        expect(largestEffects(Float32Array.from(values), n)).toEqual(all.subarray(0, n));
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});

describe('the linear identity', () => {
  const number = fc.integer({ min: -40, max: 40 }).map((value) => value / 8);
  const rowOf = (length: number) => fc.array(number, { minLength: length, maxLength: length });
  const [dIn, dSae, rowCount] = [4, 6, 3];
  const cases = fc.record({
    // A row of one value has no deviation to speak of.
    x: fc.array(
      rowOf(dIn).map((row) => row.map((value, i) => value + 10 * i)),
      { minLength: rowCount, maxLength: rowCount },
    ),
    z: fc.array(
      rowOf(dSae).map((row) => row.map((value) => Math.max(0, value))),
      { minLength: rowCount, maxLength: rowCount },
    ),
    decoder: fc.array(rowOf(dIn), { minLength: dSae, maxLength: dSae }),
    weights: rowOf(dIn),
    latents: fc.uniqueArray(fc.integer({ min: 0, max: dSae - 1 }), { minLength: 1 }),
    scale: fc.constantFrom(1, 0.25, 3),
    layerNorm: fc.constantFrom('off', 'on'),
    latentScale: fc.constantFrom(undefined, Float32Array.of(1, 2, 0.5, 4, 1, 0.25)),
  });

  it('agrees with decoding with and without the latents, whatever an SAE does to its input', () => {
    fc.assert(
      fc.property(cases, ({ x, z, decoder, weights, latents, scale, layerNorm, latentScale }) => {
        const sae = saeOf(matrixOf(decoder), { scale, layerNorm: layerNorm === 'on' }, latentScale);
        const source = sourceOf(matrixOf(x));
        const probe = { weights: Float32Array.from(weights), bias: 0.5 };
        const rows = consecutive(0, rowCount);
        const units = decodedUnits(sae, source, rows);
        const [logits] = ablatedLogits(
          ablatedEntries(
            { codes: codesOf(z, dSae), rows, ...(units && { units }), ...(latentScale && { latentScale }) },
            Uint32Array.from(latents),
            [latents.length],
          ),
          productsOf(sae.decoder, probe.weights),
          denseLogits(sourceOf(matrixOf(x)), consecutive(0, x.length), probe),
        );
        const ablated = z.map((row) => row.map((value, latent) => (latents.includes(latent) ? 0 : value)));
        const [before, after] = [z, ablated].map((codes) => decoded(sae, source, codes));
        const size = Math.max(1, ...before.map(Math.abs), ...after.map(Math.abs));
        x.forEach((row, r) => {
          let expected = probe.bias;
          row.forEach((value, i) => (expected += weights[i] * (value - before[r * dIn + i] + after[r * dIn + i])));
          expect(Math.abs(logits[r] - expected)).toBeLessThan(1e-5 * size);
        });
      }),
    );
  });

  function decoded(sae: Sae, source: RowSource, z: readonly (readonly number[])[]): number[] {
    const out = new Float32Array(rowCount * dIn);
    createDecoder(sae, source).decode(codesOf(z, dSae), 0, rowCount, out);
    return [...out];
  }

  function saeOf(decoder: Matrix, input: Sae['input'], latentScale: Float32Array | undefined): Sae {
    return {
      format: 'test',
      architecture: 'test',
      dIn,
      dSae,
      input,
      encoder: { rows: dIn, cols: dSae, data: new Float32Array(dIn * dSae) },
      encoderBias: new Float32Array(dSae),
      activation: { kind: 'relu' },
      ...(latentScale === undefined ? {} : { latentScale }),
      decoder,
      decoderBias: Float32Array.of(1, -2, 3, 0.5),
    };
  }
});
