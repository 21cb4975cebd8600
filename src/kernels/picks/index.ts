import type { EncodedSae } from '../../sae/sae.js';
import { gatedPicker } from './gated.js';
import type { Picker } from './picker.js';
import { reluPicker, thresholdPicker } from './threshold.js';
import { topKPicker } from './top-k.js';

/** The loop that finds a row's active latents, by the SAE's activation. */
export function pickerFor({ activation, dSae }: EncodedSae): Picker {
  switch (activation.kind) {
    case 'relu':
      return reluPicker(dSae);
    case 'threshold':
      return thresholdPicker(activation.threshold);
    case 'topk':
      return topKPicker(activation.k, dSae);
    case 'gated':
      return gatedPicker(activation);
  }
}
