import { element } from '../dom.js';
import { metricTitle } from '../format.js';
import { LENS_NAMES, lensNumber } from '../lenses.js';
import type { Lens, MetricView } from '../protocol.js';

/** Why a lens says what it says: the reason, the numbers, and the thresholds they are held against. */
export function lensTip(metric: MetricView, lens: Lens): readonly Node[] {
  const view = metric.verdict?.[lens];
  const title = element('p', { class: 'tip-title' }, `${LENS_NAMES[lens]} of ${metricTitle(metric)}`);
  if (view === undefined) return [title, element('p', {}, 'Not yet judged: its statistics carry no verdict.')];
  return [
    title,
    element('p', {}, element('b', {}, view.verdict), `: ${view.because}.`),
    ...numbers('Numbers', view.numbers),
    ...numbers('Thresholds', view.thresholds),
  ];
}

export function adviceTip(metric: MetricView): readonly Node[] {
  const title = element('p', { class: 'tip-title' }, `Verdict on ${metricTitle(metric)}`);
  return [title, element('p', {}, metric.advice ?? 'Nothing to advise yet.')];
}

function numbers(title: string, values: Readonly<Record<string, number>>): readonly Node[] {
  const entries = Object.entries(values).map(([name, value]) => lensNumber(name, value));
  if (entries.length === 0) return [];
  const rows = entries.map(({ name, value }) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  return [element('p', { class: 'tip-heading' }, title), element('dl', { class: 'tip-numbers' }, ...rows)];
}
