import type { ObservedMetric, ObservedPanel, ObservedRun, ObservedState } from '../telemetry/observed-state.js';
import { metricView, type DescribeMetric } from './metric-view.js';
import type { DeadLetterView, MetricView, Overview, PanelUpdate, PanelView, RunView, Update } from './page/protocol.js';

/** Turns states into what the page gets: all of one, or what differs between two. */
export interface StateView {
  overview(state: ObservedState, at: number): Overview;
  /** Undefined when the page would show nothing else. Costs what changed, not what is there. */
  update(before: ObservedState, after: ObservedState, at: number): Update | undefined;
}

export function createStateView(describe: DescribeMetric): StateView {
  // Every connection asks for the same metrics; a metric that changed is another object.
  const views = new WeakMap<ObservedMetric, MetricView>();
  const viewOf = (observed: ObservedMetric): MetricView => {
    const view = views.get(observed) ?? metricView(observed, describe);
    views.set(observed, view);
    return view;
  };
  return {
    overview: (state, at) => ({
      at,
      panels: [...state.panels.values()].map((panel) => panelView(panel, viewOf)),
      events: state.events,
      deadLetters: state.deadLetters.map(deadLetterView),
    }),
    update: (before, after, at) => updateView(before, after, at, viewOf),
  };
}

type ViewOf = (observed: ObservedMetric) => MetricView;

function panelView({ name, runs, metrics }: ObservedPanel, viewOf: ViewOf): PanelView {
  return { name, runs: [...runs.values()].map(runView), metrics: [...metrics.values()].map(viewOf) };
}

function runView({ run, variant, trainSeed, step, tokens, lastCheckpointAt, finished }: ObservedRun): RunView {
  return { run, variant, trainSeed, step, tokens, lastCheckpointAt, finished: finished !== undefined };
}

function deadLetterView({ at, topic, partition, offset, key, reason, error }: DeadLetterView): DeadLetterView {
  return { at, topic, partition, offset, key, reason, error };
}

function updateView(before: ObservedState, after: ObservedState, at: number, viewOf: ViewOf): Update | undefined {
  if (before === after) return undefined;
  const panels = [...after.panels.values()].flatMap((panel) => {
    const old = before.panels.get(panel.name);
    return panel === old ? [] : [panelUpdate(old, panel, viewOf)];
  });
  const removedPanels = missing(before.panels, after.panels);
  return {
    at,
    panels: panels.length > 0 ? panels : undefined,
    removedPanels: removedPanels.length > 0 ? removedPanels : undefined,
    events: after.events === before.events ? undefined : after.events,
    deadLetters: after.deadLetters === before.deadLetters ? undefined : after.deadLetters.map(deadLetterView),
  };
}

function panelUpdate(before: ObservedPanel | undefined, after: ObservedPanel, viewOf: ViewOf): PanelUpdate {
  const changed = [...after.metrics].filter(([key, observed]) => before?.metrics.get(key) !== observed);
  const removedMetrics = missing(before?.metrics ?? new Map<string, never>(), after.metrics);
  return {
    name: after.name,
    runs: before?.runs === after.runs ? undefined : [...after.runs.values()].map(runView),
    metrics: changed.length > 0 ? changed.map(([, observed]) => viewOf(observed)) : undefined,
    removedMetrics: removedMetrics.length > 0 ? removedMetrics : undefined,
  };
}

function missing(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] {
  return [...before.keys()].filter((key) => !after.has(key));
}
