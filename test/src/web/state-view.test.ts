import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldObservation } from '../../../src/telemetry/fold-observation.js';
import type { Observation } from '../../../src/telemetry/observed-state.js';
import { createStateView } from '../../../src/web/state-view.js';
import { applyUpdate } from '../../../src/web/page/apply-update.js';
import type { Overview, Update } from '../../../src/web/page/protocol.js';
import { LIMITS, checkpoint, stateOf, statistics } from '../telemetry/states.js';

const overJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 })).map(([run, step]) => checkpoint(run, step)),
  fc.constantFrom('tpp', 'scr', 'l0').map((metric) => statistics(metric, 'n=20')),
  fc.constantFrom('a', 'b').map((run) => ({ type: 'finished', at: 0, panel: 'p', run, step: 9 }) as const),
  fc.constantFrom('q', 'r').map((panel) => ({ ...checkpoint('z', 1), panel }) as Observation),
  fc.constant({ type: 'tick', at: 10_000 } as const),
);

describe('updates', () => {
  it('bring a page from any state to any later one', () => {
    fc.assert(
      fc.property(fc.array(observation), fc.array(observation), (earlier, later) => {
        const view = createStateView(() => undefined);
        const before = stateOf(...earlier);
        const after = later.reduce((state, next) => foldObservation(state, next, LIMITS), before);
        const update = view.update(before, after, 1);
        const page: Overview = overJson(view.overview(before, 1));
        const shown = update === undefined ? page : applyUpdate(page, overJson<Update>(update));
        expect(sorted(shown)).toEqual(sorted(overJson(view.overview(after, 1))));
      }),
    );
  });

  it('are none when nothing changed', () => {
    const state = stateOf(checkpoint('a', 1));
    expect(createStateView(() => undefined).update(state, state, 1)).toBeUndefined();
  });

  it('carry what the metric declares about itself', () => {
    const description = { direction: 'lower', description: 'squared error', source: 'SAEBench' } as const;
    const view = createStateView((metric) => (metric === 'mse' ? description : undefined));
    const { panels } = view.overview(stateOf(statistics('mse', ''), statistics('other', '')), 1);
    expect(panels[0]?.metrics).toMatchObject([description, { metric: 'other' }]);
    expect(panels[0]?.metrics[1]?.direction).toBeUndefined();
  });
});

/** The page keeps metrics in the order it heard of them. */
function sorted(overview: Overview): Overview {
  const panels = overview.panels.map((panel) => ({
    ...panel,
    metrics: [...panel.metrics].sort((a, b) => a.key.localeCompare(b.key)),
  }));
  return { ...overview, panels };
}
