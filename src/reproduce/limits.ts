import { FEWEST_CLUSTERS } from '../statistics/index.js';
import { findScores, type PanelScores } from './panel-scores.js';

/** What a panel of this size and kind cannot show, in words; the last holds for every panel. */
export function limitsOf(panel: PanelScores): readonly string[] {
  const { variants, runs, seeds } = panel;
  const found: string[] = [];
  if (seeds < 2) found.push('With one evaluation seed a checkpoint, nothing is known of reseed noise.');
  if (variants.length < FEWEST_CLUSTERS)
    found.push(`With ${variants.length} variants there are no intervals over variants: they take ${FEWEST_CLUSTERS}.`);
  else if (variants.length < 12)
    found.push(
      `${variants.length} variants give wide intervals: a rank correlation of them must be near ±1 to differ from 0. One that ` +
        'has no width says that every resample ranks alike, not that the metric cannot err.',
    );
  if (runs.length === variants.length)
    found.push('With one training seed a variant, a gap between variants may be luck of the training.');
  if (findScores(panel, 'gt_f1', '') === undefined)
    found.push('Without a synthetic model, nothing is known of which SAE is better in truth.');
  found.push(
    'The paper’s noise and training curves are of SAEs of a language model trained on a billion tokens and more; ' +
      'a panel on a small synthetic model may behave otherwise, and shows neither that nor that it does not.',
  );
  return found;
}
