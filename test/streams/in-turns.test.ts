import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray, VirtualTimeScheduler, type SchedulerAction } from 'rxjs';
import { inTurns } from '../../streams/in-turns.js';

/** A clock that goes on by what work says it spends, and what happened on it: a dash for each turn of everybody else. */
function clockwork() {
  const scheduler = new VirtualTimeScheduler();
  const happened: string[] = [];
  let spent = 0;
  scheduler.now = () => scheduler.frame + spent;
  const work = function* (pieces: readonly (readonly [string, number])[]): Generator<string | undefined> {
    for (const [name, ms] of pieces) {
      spent += ms;
      happened.push(name);
      yield name === name.toUpperCase() ? name : undefined;
    }
  };
  const others = function (this: SchedulerAction<unknown>): void {
    happened.push('-');
    if (happened.length < 12) this.schedule();
  };
  return { scheduler, happened, work, others };
}

describe('inTurns', () => {
  it('goes on until the time of a turn has passed or there is a value, and then lets others work', () => {
    const { scheduler, happened, work, others } = clockwork();
    const pieces = [
      ['a', 3],
      ['b', 1],
      ['c', 2],
      ['d', 0],
      ['E', 0],
      ['f', 9],
      ['g', 1],
    ] as const;
    const given: string[] = [];
    const complete = () => given.push('complete');
    inTurns(() => work(pieces), { turnMs: 5, scheduler }).subscribe({ next: (value) => given.push(value), complete });
    scheduler.schedule(others);
    expect(happened).toEqual([]);
    scheduler.flush();
    expect(happened.join(' ')).toBe('a b c - d E - f - g - -');
    expect(given).toEqual(['E', 'complete']);
  });

  it('stops with the subscription', () => {
    const { scheduler, happened, work, others } = clockwork();
    const turns = inTurns(
      () =>
        work([
          ['A', 0],
          ['B', 0],
        ]),
      { turnMs: 5, scheduler },
    );
    const subscription = turns.subscribe(() => subscription.unsubscribe());
    scheduler.schedule(others);
    scheduler.flush();
    expect(happened.filter((name) => name !== '-')).toEqual(['A']);
  });

  it('fails with the work', async () => {
    const work = function* (): Generator<string> {
      yield 'a';
      throw new Error('broken');
    };
    const scheduler = new VirtualTimeScheduler();
    const failed = lastValueFrom(inTurns(work, { turnMs: 5, scheduler }).pipe(toArray()));
    scheduler.flush();
    await expect(failed).rejects.toThrow('broken');
  });
});
