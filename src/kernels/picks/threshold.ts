import type { Picker } from './picker.js';

/** z = pre where pre > max(0, threshold), strictly, in float32. @param threshold [d_sae] */
export function thresholdPicker(threshold: Float32Array): Picker {
  const latents = threshold.length;
  const limits = new Int32Array(threshold.map((value) => Math.max(0, value)).buffer);
  const whole = latents - (latents % 4);

  return ({ values, bits }, start, codes) => {
    const { indices: outIndices, values: outValues } = codes;
    let { length } = codes;
    for (let j = 0; j < whole; j += 4) {
      const i = start + j;
      // Active latents are few: one rarely taken branch for four of them.
      if (
        bits[i] > limits[j] ||
        bits[i + 1] > limits[j + 1] ||
        bits[i + 2] > limits[j + 2] ||
        bits[i + 3] > limits[j + 3]
      )
        for (let k = j; k < j + 4; k++)
          if (bits[start + k] > limits[k]) {
            outIndices[length] = k;
            outValues[length++] = values[start + k];
          }
    }
    for (let k = whole; k < latents; k++)
      if (bits[start + k] > limits[k]) {
        outIndices[length] = k;
        outValues[length++] = values[start + k];
      }
    codes.length = length;
  };
}

/** z = max(0, pre) */
export function reluPicker(latents: number): Picker {
  return thresholdPicker(new Float32Array(latents));
}
