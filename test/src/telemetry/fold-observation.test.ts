import { describe, expect, it } from '@jest/globals';
import { foldObservation } from '../../../src/telemetry/fold-observation.js';
import { LIMITS, STATISTICS, checkpoint, stateOf, statistics, summary } from './states.js';

const finished = (run: string, step: number, at: number) => ({ type: 'finished', at, panel: 'p', run, step }) as const;
const tick = (at: number) => ({ type: 'tick', at }) as const;
const runsOf = (state: ReturnType<typeof stateOf>) => state.panels.get('p')?.runs;

describe('foldObservation', () => {
  it('keeps the furthest step of a run when an older checkpoint is delivered again', () => {
    const run = runsOf(stateOf(checkpoint('a', 200), checkpoint('a', 100, 300)))?.get('a');
    expect(run).toMatchObject({ step: 200, tokens: 2000, lastCheckpointAt: 300 });
  });

  it('lets a run be finished until a checkpoint beyond its last step arrives', () => {
    const ended = [checkpoint('a', 200), finished('a', 200, 250)];
    expect(runsOf(stateOf(...ended, checkpoint('a', 200)))?.get('a')?.finished).toEqual({ at: 250, step: 200 });
    expect(runsOf(stateOf(...ended, checkpoint('a', 300)))?.get('a')).not.toHaveProperty('finished');
  });

  it('retires a finished run once its time has passed, and not before', () => {
    const ended = [checkpoint('a', 200), checkpoint('b', 200), finished('a', 200, 250)];
    expect([...(runsOf(stateOf(...ended, tick(1249)))?.keys() ?? [])]).toEqual(['a', 'b']);
    expect([...(runsOf(stateOf(...ended, tick(1250)))?.keys() ?? [])]).toEqual(['b']);
  });

  it('does not bring a retired run back by its old checkpoints or its scores, but by training on', () => {
    const retired = [checkpoint('a', 200), checkpoint('b', 200), finished('a', 200, 250), tick(2000)];
    expect(runsOf(stateOf(...retired, checkpoint('a', 100), statistics('tpp', 'n=20')))?.has('a')).toBe(false);
    expect(runsOf(stateOf(...retired, checkpoint('a', 300)))?.has('a')).toBe(true);
  });

  it('drops the metrics of a panel whose runs have all retired', () => {
    const state = stateOf(
      checkpoint('a', 1),
      statistics('l0', '', { ...STATISTICS, checkpoints: [] }),
      finished('a', 1, 2),
    );
    expect(state.panels.get('p')?.metrics.size).toBe(1);
    expect(foldObservation(state, tick(5000), LIMITS).panels.get('p')?.metrics.size).toBe(0);
  });

  it('shows runs that only scores tell of, without a time of their last checkpoint', () => {
    const run = runsOf(stateOf(statistics('tpp', 'n=20')))?.get('a');
    expect(run).toMatchObject({ step: 200, tokens: 2000, variant: 'variant-of-a' });
    expect(run).not.toHaveProperty('lastCheckpointAt');
  });

  it('counts the revisions of a metric', () => {
    const state = stateOf(statistics('tpp', 'n=20'), statistics('tpp', 'n=50'), statistics('tpp', 'n=20'));
    expect(state.panels.get('p')?.metrics.get('tpp|n=20')?.revision).toBe(2);
    expect(state.panels.get('p')?.metrics.get('tpp|n=50')?.revision).toBe(1);
  });

  it('keeps a bounded number of events, newest first', () => {
    const state = stateOf(...[1, 2, 3, 4, 5].map((step) => checkpoint('a', step)));
    expect(state.events.map((event) => event.at)).toEqual([5, 4, 3]);
  });

  it('leaves other panels as they are, by identity', () => {
    const before = stateOf(checkpoint('a', 1));
    const after = foldObservation(before, { ...statistics('l0', ''), panel: 'q' } as never, LIMITS);
    expect(after.panels.get('p')).toBe(before.panels.get('p'));
    expect([...after.panels.keys()]).toEqual(['p', 'q']);
  });

  it('is the same state when nothing retires', () => {
    const state = stateOf(
      checkpoint('a', 1),
      statistics('x', '', { ...STATISTICS, checkpoints: [summary('a', 1, 1)] }),
    );
    expect(foldObservation(state, tick(1e9), LIMITS)).toBe(state);
  });
});
