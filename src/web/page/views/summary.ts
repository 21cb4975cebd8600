import { byId, setAttribute, setText } from '../dom.js';
import { discriminationWords } from '../lenses.js';
import type { MetricView } from '../protocol.js';
import { createBadge, updateBadge } from './verdict-badge.js';

/** The verdict on the chosen metric, what to do about it in words, and whether it tells the runs apart now. */
export function createSummary(): (metric: MetricView) => void {
  const badge = createBadge();
  byId('overall').replaceChildren(badge);
  const [advice, now] = [byId('advice'), byId('discriminates')];
  return (metric) => {
    updateBadge(badge, metric.verdict?.overall ?? 'unknown');
    setText(advice, metric.advice ?? 'No advice yet: more checkpoints are needed to judge this metric.');
    const { state, sentence } = discriminationWords(metric.discrimination);
    setAttribute(now, 'data-state', state);
    setText(now, sentence);
  };
}
