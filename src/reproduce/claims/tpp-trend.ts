import { judge, type Claim, type Finding } from '../claim.js';
import { findScores, type MetricScores, type PanelScores } from '../panel-scores.js';
import { nameOf, TPP } from '../settings.js';
import { LATER_HALF, trainingTrend, WHOLE_TRAINING, type Stretch } from '../training-trend.js';

const TRUTH = 'gt_f1';

export const tppTrend: Claim = {
  id: 'tpp_trend',
  claim: 'TPP scores SAEs worse the longer they train',
  paper: 'worse with training',
  find(panel) {
    const scores = findScores(panel, TPP.metric, TPP.param);
    const [setting, quantity] = [nameOf(TPP), 'median over runs of ρ of score and step'];
    return [
      { subject: setting, quantity, ...findingOf(panel, scores, WHOLE_TRAINING) },
      { subject: `${setting}, later half`, quantity, ...findingOf(panel, scores, LATER_HALF) },
    ];
  },
};

function findingOf(
  panel: PanelScores,
  scores: MetricScores | undefined,
  stretch: Stretch,
): Omit<Finding, 'subject' | 'quantity'> {
  if (scores === undefined) return { outcome: 'cannot be shown', because: 'the panel has no such scores' };
  const { spearman: estimate, better, worse } = trainingTrend(scores, stretch);
  if (!hasLearned(panel, stretch))
    return { ...estimate, outcome: 'cannot be shown', because: `training did not raise ${TRUTH} in these checkpoints` };
  const judged = judge(estimate, { side: 'below', threshold: 0 }, 'no run has two checkpoints with different scores');
  return { ...estimate, ...judged, because: `${judged.because}; up in ${better} runs, down in ${worse}` };
}

/** Where the truth is not known, training is taken to improve an SAE. */
function hasLearned(panel: PanelScores, stretch: Stretch): boolean {
  const truth = findScores(panel, TRUTH, '');
  if (truth === undefined) return true;
  const { value } = trainingTrend(truth, stretch).spearman;
  return value !== undefined && value > 0;
}
