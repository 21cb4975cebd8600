import type { CheckpointSummary } from '../lenses/metric-statistics.js';
import {
  metricKey,
  type CheckpointPublished,
  type Observation,
  type ObservedPanel,
  type ObservedRun,
  type ObservedState,
  type RunFinished,
  type StatisticsReceived,
} from './observed-state.js';

export interface ObservationLimits {
  /** Events and dead letters kept for the page. */
  readonly recent: number;
  /** A finished run is shown for this long. */
  readonly retireAfterMs: number;
}

/**
 * The state after one more observation. Records may come twice and, between topics, in any order: a run's step only
 * grows, and a run is finished until a checkpoint beyond its last step shows that it was resumed.
 */
export function foldObservation(
  state: ObservedState,
  observation: Observation,
  limits: ObservationLimits,
): ObservedState {
  switch (observation.type) {
    case 'checkpoint':
      return withEvent(inPanel(state, observation.panel, addCheckpoint(observation)), observation, limits);
    case 'finished':
      return withEvent(inPanel(state, observation.panel, finishRun(observation)), observation, limits);
    case 'statistics':
      return inPanel(state, observation.panel, setStatistics(observation));
    case 'dead-letter':
      return { ...state, deadLetters: prepend(observation, state.deadLetters, limits.recent) };
    case 'tick':
      return retireRuns(state, observation.at - limits.retireAfterMs);
    default:
      return withEvent(state, observation, limits);
  }
}

function withEvent(
  state: ObservedState,
  event: ObservedState['events'][number],
  { recent }: ObservationLimits,
): ObservedState {
  return { ...state, events: prepend(event, state.events, recent) };
}

function prepend<T>(item: T, items: readonly T[], limit: number): readonly T[] {
  return [item, ...items].slice(0, limit);
}

const emptyPanel = (name: string): ObservedPanel => ({
  name,
  runs: new Map(),
  metrics: new Map(),
  retired: new Map(),
});

function inPanel(state: ObservedState, name: string, change: (panel: ObservedPanel) => ObservedPanel): ObservedState {
  const before = state.panels.get(name) ?? emptyPanel(name);
  const after = change(before);
  return after === state.panels.get(name) ? state : { ...state, panels: new Map(state.panels).set(name, after) };
}

function withRun(panel: ObservedPanel, run: ObservedRun): ObservedPanel {
  return { ...panel, runs: new Map(panel.runs).set(run.run, run) };
}

function addCheckpoint(checkpoint: CheckpointPublished): (panel: ObservedPanel) => ObservedPanel {
  return (panel) => {
    const { run, variant, trainSeed, step, tokens, at } = checkpoint;
    const retiredAt = panel.retired.get(run);
    if (retiredAt !== undefined && step <= retiredAt) return panel;
    const known = panel.runs.get(run);
    const furthest = known === undefined || step >= known.step ? { step, tokens } : known;
    const finished = known?.finished !== undefined && step <= known.finished.step ? known.finished : undefined;
    const shown = retiredAt === undefined ? panel : { ...panel, retired: without(panel.retired, run) };
    return withRun(shown, {
      run,
      variant,
      trainSeed,
      step: furthest.step,
      tokens: furthest.tokens,
      lastCheckpointAt: Math.max(at, known?.lastCheckpointAt ?? at),
      ...(finished === undefined ? {} : { finished }),
    });
  };
}

function finishRun({ run, step, at }: RunFinished): (panel: ObservedPanel) => ObservedPanel {
  return (panel) => {
    const known = panel.runs.get(run);
    if (known === undefined || known.step > step) return panel;
    return withRun(panel, { ...known, finished: { at, step } });
  };
}

function setStatistics(received: StatisticsReceived): (panel: ObservedPanel) => ObservedPanel {
  return (panel) => {
    const { metric, param, statistics } = received;
    const key = metricKey(metric, param);
    const revision = (panel.metrics.get(key)?.revision ?? 0) + 1;
    const metrics = new Map(panel.metrics).set(key, { panel: panel.name, metric, param, statistics, revision });
    return addScoredRuns({ ...panel, metrics }, received);
  };
}

/** Imported scores name runs that no checkpoint announced: their furthest score is their step. */
function addScoredRuns(panel: ObservedPanel, { statistics }: StatisticsReceived): ObservedPanel {
  let found: Map<string, ObservedRun> | undefined;
  for (const { run, variant, train_seed: trainSeed, step, tokens } of furthest(statistics.checkpoints)) {
    const known = (found ?? panel.runs).get(run);
    if (panel.retired.has(run) || known?.lastCheckpointAt !== undefined) continue;
    if (known !== undefined && step <= known.step) continue;
    found ??= new Map(panel.runs);
    found.set(run, { ...known, run, variant, trainSeed, step, tokens });
  }
  return found === undefined ? panel : { ...panel, runs: found };
}

/** Of the checkpoints of a run that follow one another the furthest: there are many, and runs are looked up by name. */
function furthest(checkpoints: readonly CheckpointSummary[]): readonly CheckpointSummary[] {
  const found: CheckpointSummary[] = [];
  for (const checkpoint of checkpoints) {
    const last = found.at(-1);
    if (last?.run !== checkpoint.run) found.push(checkpoint);
    else if (checkpoint.step > last.step) found[found.length - 1] = checkpoint;
  }
  return found;
}

function retireRuns(state: ObservedState, finishedBefore: number): ObservedState {
  const isDue = ({ finished }: ObservedRun): boolean => finished !== undefined && finished.at <= finishedBefore;
  const changed = [...state.panels.values()].filter((panel) => [...panel.runs.values()].some(isDue));
  if (changed.length === 0) return state;
  const panels = new Map(state.panels);
  for (const panel of changed) {
    const due = [...panel.runs.values()].filter(isDue);
    const runs = new Map([...panel.runs].filter(([, run]) => !isDue(run)));
    const retired = new Map([...panel.retired, ...due.map(({ run, step }) => [run, step] as const)]);
    // A panel that nobody trains any more has nothing to compare.
    panels.set(panel.name, { ...panel, runs, retired, metrics: runs.size === 0 ? new Map() : panel.metrics });
  }
  return { ...state, panels };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
