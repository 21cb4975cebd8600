import type { Activation } from '../../sae/sae.js';
import type { Picker } from './picker.js';

/**
 * z = relu(pre · magnitudeScale + magnitudeBias) where pre + gateBias > 0. Both gates read one product (Rajamanoharan
 * et al. 2024, "Improving Dictionary Learning with Gated SAEs": W_mag = W_gate · e^r).
 */
export function gatedPicker(activation: Activation & { kind: 'gated' }): Picker {
  const { magnitudeScale, magnitudeBias } = activation;
  // A float32 sum is positive exactly where one term exceeds the other's opposite: no sum is needed to open the gate.
  const gate = activation.gateBias.map((bias) => -bias);
  const latents = gate.length;

  return ({ values }, start, codes) => {
    let { length } = codes;
    for (let j = 0; j < latents; j++) {
      const pre = values[start + j];
      if (!(pre > gate[j])) continue;
      const magnitude = Math.fround(Math.fround(pre * magnitudeScale[j]) + magnitudeBias[j]);
      if (!(magnitude > 0)) continue;
      codes.indices[length] = j;
      codes.values[length++] = magnitude;
    }
    codes.length = length;
  };
}
