import { estimateByVariant } from '../by-variant.js';
import { judge, type Claim } from '../claim.js';
import { findScores } from '../panel-scores.js';
import { medianCv } from '../reseed-noise.js';
import { nameOf, TPP } from '../settings.js';

/** The lower end of the paper's range: noisier than that is what it warns of. */
const LEAST = 0.16;

export const tppNoise: Claim = {
  id: 'tpp_noise',
  claim: 'Another evaluation seed moves TPP by 16 % of itself or more',
  paper: 'reseed CV 16–39 %',
  find(panel) {
    const estimate = estimateByVariant(findScores(panel, TPP.metric, TPP.param)?.compared ?? [], medianCv);
    return [
      {
        subject: nameOf(TPP),
        quantity: 'median reseed CV of the runs',
        ...estimate,
        ...judge(estimate, { side: 'above', threshold: LEAST }, 'no run has TPP scores of two evaluation seeds'),
      },
    ];
  },
};
