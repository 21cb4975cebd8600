import { judge, type Claim } from '../claim.js';
import { resolvedShare } from '../pair-share.js';
import { nameOf, otherBenchmarks } from '../settings.js';
import { metricPairs } from '../variant-pairs.js';

/** A difference is taken at its face value when a benchmark is reported with one seed: as if every pair were resolved. */
const ASSUMED = 1;

export const othersDiscriminate: Claim = {
  id: 'others_discriminate',
  claim: 'The other metrics are noisier and tell less apart than the field assumes',
  paper: 'noisier, less apart',
  find(panel) {
    const others = otherBenchmarks(panel);
    if (others.length === 0)
      return [{ subject: 'the others', quantity: QUANTITY, outcome: 'cannot be shown', because: 'the panel has none' }];
    return others.map((scores) => {
      const { pairs } = metricPairs(scores);
      const estimate = resolvedShare(pairs, ({ resolved }) => resolved.unpaired[1]);
      const missing = 'no checkpoint has scores of two evaluation seeds';
      return {
        subject: nameOf(scores),
        quantity: QUANTITY,
        ...estimate,
        ...judge(estimate, { side: 'below', threshold: ASSUMED }, missing),
      };
    });
  },
};

const QUANTITY = 'share of variant pairs resolved by one seed';
