import type { Activation, EncodedSae } from '../../sae/sae.js';
import type { Candidates, Interest } from '../backend.js';
import type { CodesBuilder } from '../codes-builder.js';
import { topKCandidates } from './top-k.js';

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

/** Whether what is of interest is active, all of it, and as much as it is: nothing is left to pick. */
export function isActiveAsFound({ activation }: EncodedSae): boolean {
  return activation.kind !== 'gated';
}

/** Which of a row's candidates are active, and how much. */
export function candidatePickerFor(sae: EncodedSae): CandidatePicker {
  const { activation, dSae } = sae;
  if (activation.kind === 'topk') return topKCandidates(activation.k, dSae);
  if (activation.kind === 'gated') return gatedCandidates(activation);
  const limits = activation.kind === 'relu' ? new Float32Array(dSae) : activation.threshold;
  return thresholdCandidates(limits);
}

/** z = pre where pre > max(0, threshold), strictly, in float32. @param threshold [d_sae] */
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

/**
 * z = relu(pre · magnitudeScale + magnitudeBias) where pre + gateBias > 0. Both gates read one product (Rajamanoharan
 * et al. 2024, "Improving Dictionary Learning with Gated SAEs": W_mag = W_gate · e^r).
 */
function gatedCandidates({ gateBias, magnitudeScale, magnitudeBias }: Gated): CandidatePicker {
  return ({ indptr, indices, values }, row, codes) => {
    let { length } = codes;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const latent = indices[i];
      // A float32 sum is positive exactly where one term exceeds the other's opposite: no sum is needed to open the gate.
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
