import { estimateByVariant } from '../by-variant.js';
import { judge, type Claim, type Finding } from '../claim.js';
import { rankAgreement, runsWithTruth } from '../ground-truth.js';
import { findScores, type MetricScores, type PanelScores } from '../panel-scores.js';
import { nameOf } from '../settings.js';

/** Numbers of ablated latents that count as large. */
const LARGE = 50;

export const scrGroundTruth: Claim = {
  id: 'scr_ground_truth',
  claim: 'At large n, SCR ranks SAEs against the ground truth',
  paper: 'negative at large n',
  find(panel) {
    const settings = panel.metrics.filter(({ metric, param }) => metric === 'scr' && ablated(param) >= LARGE);
    if (settings.length === 0) return [finding(panel, undefined)];
    return settings.sort((a, b) => ablated(a.param) - ablated(b.param)).map((scores) => finding(panel, scores));
  },
};

function ablated(param: string): number {
  return Number(param.replace('n=', ''));
}

function finding(panel: PanelScores, scores: MetricScores | undefined): Finding {
  const truth = findScores(panel, 'gt_f1', '');
  const runs = scores === undefined ? [] : runsWithTruth(scores, truth);
  const estimate = estimateByVariant(runs, rankAgreement);
  const missing =
    truth === undefined
      ? 'only a synthetic model has a ground truth'
      : scores === undefined
        ? 'the panel has no such scores'
        : 'all runs score alike, or fewer than two have both scores';
  return {
    subject: scores === undefined ? `scr n≥${LARGE}` : nameOf(scores),
    quantity: 'ρ with gt_f1 across the runs',
    ...estimate,
    ...judge(estimate, { side: 'below', threshold: 0 }, missing),
  };
}
