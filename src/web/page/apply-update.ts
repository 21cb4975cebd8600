import type { MetricView, Overview, PanelUpdate, PanelView, Update } from './protocol.js';

/** The overview after an update; panels that did not change stay the same objects. */
export function applyUpdate(overview: Overview, update: Update): Overview {
  const removed = new Set(update.removedPanels);
  const panels = new Map(overview.panels.filter(({ name }) => !removed.has(name)).map((panel) => [panel.name, panel]));
  for (const change of update.panels ?? [])
    panels.set(
      change.name,
      applyPanel(panels.get(change.name) ?? { name: change.name, runs: [], metrics: [] }, change),
    );
  return {
    at: update.at,
    panels: [...panels.values()],
    events: update.events ?? overview.events,
    deadLetters: update.deadLetters ?? overview.deadLetters,
  };
}

function applyPanel(panel: PanelView, { runs, metrics, removedMetrics }: PanelUpdate): PanelView {
  return { name: panel.name, runs: runs ?? panel.runs, metrics: applyMetrics(panel.metrics, metrics, removedMetrics) };
}

function applyMetrics(
  metrics: readonly MetricView[],
  changed: readonly MetricView[] = [],
  removed: readonly string[] = [],
): readonly MetricView[] {
  if (changed.length === 0 && removed.length === 0) return metrics;
  const byKey = new Map(metrics.map((metric) => [metric.key, metric]));
  for (const key of removed) byKey.delete(key);
  for (const metric of changed) byKey.set(metric.key, metric);
  return [...byKey.values()];
}
