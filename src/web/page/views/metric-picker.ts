import { element } from '../dom.js';
import { metricTitle } from '../format.js';
import { keepLast } from '../keep-last.js';
import type { MetricView } from '../protocol.js';
import { byName } from '../selection.js';

/** A select of the metrics, grouped by metric. Made anew only when the metrics are others. */
export function createMetricPicker(
  select: HTMLSelectElement,
): (metrics: readonly MetricView[], chosen: string) => void {
  let shown = '';
  const renderOptions = keepLast((metrics: readonly MetricView[]) => {
    const sorted = [...metrics].sort(byName);
    const keys = sorted.map(({ key }) => key).join('\n');
    if (keys !== shown) select.replaceChildren(...groups(sorted));
    shown = keys;
  });
  return (metrics, chosen) => {
    renderOptions(metrics);
    if (select.value !== chosen) select.value = chosen;
  };
}

function groups(metrics: readonly MetricView[]): readonly HTMLElement[] {
  const names = [...new Set(metrics.map(({ metric }) => metric))];
  return names.map((name) => {
    const options = metrics
      .filter(({ metric }) => metric === name)
      .map((view) => element('option', { value: view.key }, metricTitle(view)));
    return options.length === 1 ? options[0] : element('optgroup', { label: name }, ...options);
  });
}
