import type { Activation, EncodedSae } from '../../sae/sae.js';
import type { Candidates, Interest } from '../backend.js';
import type { CodesBuilder } from '../codes-builder.js';
import { topKOf } from './top-k.js';

/** Appends the active latents among a row's candidates to the codes, in ascending order. */
export type CandidatePicker = (candidates: Candidates, row: number, codes: CodesBuilder) => void;

/** Which pre-activations the SAE's activation may let through. */
export function interestOf({ activation, dSae }: EncodedSae): Interest {
  switch (activation.kind) {
    case 'relu':
      return { kind: 'above', limits: new Float32Array(dSae) };
    case 'threshold':
      return { kind: 'above', limits: activation.threshold.map((value) => Math.max(0, value)) };
    case 'topk':
      return { kind: 'largest', count: activation.k };
    case 'gated':
      return { kind: 'above', limits: activation.gateBias.map((bias) => -bias) };
  }
}

/** The same decisions as those of `pickerFor`, on candidates of a row instead of all its pre-activations. */
export function candidatePickerFor(sae: EncodedSae): CandidatePicker {
  const { activation, dSae } = sae;
  if (activation.kind === 'topk') return topKCandidates(activation.k, dSae);
  if (activation.kind === 'gated') return gatedCandidates(activation);
  const limits = activation.kind === 'relu' ? new Float32Array(dSae) : activation.threshold;
  return thresholdCandidates(limits);
}

function thresholdCandidates(threshold: Float32Array): CandidatePicker {
  const limits = threshold.map((value) => Math.max(0, value));
  return ({ indptr, indices, values }, row, codes) => {
    let { length } = codes;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      if (!(values[i] > limits[indices[i]])) continue;
      codes.indices[length] = indices[i];
      codes.values[length++] = values[i];
    }
    codes.length = length;
  };
}

function topKCandidates(k: number, latents: number): CandidatePicker {
  const pick = topKOf(k, latents);
  return ({ indptr, indices, values }, row, codes) => {
    const first = codes.length;
    const start = indptr[row];
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    pick({ values, bits }, start, indptr[row + 1] - start, codes);
    for (let i = first; i < codes.length; i++) codes.indices[i] = indices[start + codes.indices[i]];
  };
}

function gatedCandidates({ gateBias, magnitudeScale, magnitudeBias }: Gated): CandidatePicker {
  return ({ indptr, indices, values }, row, codes) => {
    let { length } = codes;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const latent = indices[i];
      if (!(values[i] > -gateBias[latent])) continue;
      const magnitude = Math.fround(Math.fround(values[i] * magnitudeScale[latent]) + magnitudeBias[latent]);
      if (!(magnitude > 0)) continue;
      codes.indices[length] = latent;
      codes.values[length++] = magnitude;
    }
    codes.length = length;
  };
}

type Gated = Activation & { readonly kind: 'gated' };
