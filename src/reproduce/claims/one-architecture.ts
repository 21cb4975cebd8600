import { judge, type Claim, type Finding } from '../claim.js';
import type { MetricScores } from '../panel-scores.js';
import { resolvedShare } from '../pair-share.js';
import { architectureOf, nameOf, saeProbesIn } from '../settings.js';
import { metricPairs, type VariantPair } from '../variant-pairs.js';

export const oneArchitecture: Claim = {
  id: 'one_architecture',
  claim: 'Even sae-probes cannot separate most variants of one architecture',
  paper: 'struggles to',
  find(panel) {
    const { setting, scores } = saeProbesIn(panel);
    return [{ subject: nameOf(setting), quantity: 'share of such pairs resolved by one seed', ...shareOf(scores) }];
  },
};

function shareOf(scores: MetricScores | undefined): Omit<Finding, 'subject' | 'quantity'> {
  const pairs = scores === undefined ? [] : metricPairs(scores).pairs.filter(isOfOneArchitecture);
  const estimate = resolvedShare(pairs, ({ resolved }) => resolved.unpaired[1]);
  const missing =
    pairs.length === 0
      ? 'the panel has no two variants of one architecture'
      : 'no checkpoint has scores of two evaluation seeds';
  const judged = judge(estimate, { side: 'below', threshold: 0.5 }, missing);
  if (estimate.value === undefined) return judged;
  const most = pairs.filter(({ resolved }) => resolved.paired[5] === true).length;
  const beyond = `of ${pairs.length} pairs, ${most} with five paired seeds`;
  return { ...estimate, ...judged, because: `${judged.because}; ${beyond}` };
}

function isOfOneArchitecture({ variants: [a, b] }: VariantPair): boolean {
  return architectureOf(a) === architectureOf(b);
}
