import { estimateByVariant } from '../by-variant.js';
import { judge, type Claim } from '../claim.js';
import { rankAgreement, runsWithTruth, type ScoredRun } from '../ground-truth.js';
import { findScores } from '../panel-scores.js';
import { runsInCommon, type CommonRun } from '../runs-in-common.js';
import { nameOf, otherBenchmarks, saeProbesIn } from '../settings.js';

export const saeProbesValidity: Claim = {
  id: 'sae_probes_validity',
  claim: 'sae-probes agrees best with the ground truth',
  paper: 'best valid',
  find(panel) {
    const others = otherBenchmarks(panel);
    const { setting, scores: own } = saeProbesIn(panel);
    const truth = findScores(panel, 'gt_f1', '');
    const metrics = own === undefined ? [] : [own, ...others].map((scores) => runsWithTruth(scores, truth));
    const estimate = others.length === 0 ? {} : estimateByVariant(runsInCommon(metrics), leadOverBest);
    const missing =
      truth === undefined
        ? 'only a synthetic model has a ground truth'
        : 'no two runs have sae-probes and another benchmark at the same step';
    return [
      {
        subject: nameOf(setting),
        quantity: `its ρ with gt_f1 − the best of ${others.map(nameOf).join(', ') || 'the others'}`,
        ...estimate,
        ...judge(estimate, { side: 'above', threshold: 0 }, missing),
      },
    ];
  },
};

/** The first metric's ρ minus the best of the others'. */
function leadOverBest(runs: readonly CommonRun<ScoredRun>[]): number | undefined {
  if (runs.length === 0) return undefined;
  const [own, ...others] = runs[0].of.map((_, at) => rankAgreement(runs.map(({ of }) => of[at])));
  const known = others.filter((rho) => rho !== undefined);
  return own === undefined || known.length === 0 ? undefined : own - Math.max(...known);
}
