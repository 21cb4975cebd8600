import { describe, expect, it } from '@jest/globals';
import { concat, delay, from, lastValueFrom, map, NEVER, of, Subject, take, toArray, type SchedulerLike } from 'rxjs';
import { DiscernError } from '../../src/errors.js';
import type { Delivery, Emission } from '../../src/log/log.js';
import { auditScores, PanelRevived, rebuildOnRevival, type AuditDeps, type ScoreAuditor } from '../../streams/audit.js';
import { decodeDeadLetter, decodeScoreRecord, decodeStatisticsRecord, encodeRecord } from '../../streams/codec.js';
import { scoreKey, statisticsKey, type StatisticsIdentity } from '../../streams/keys.js';
import type { ScoreRecord } from '../../streams/records.js';
import { STATISTICS } from '../../streams/topics.js';
import { marbles } from './marbles.js';
import { delivery, score } from './samples.js';

/** Statistics that are the number and sum of the scores of a metric. */
class CountingAuditor implements ScoreAuditor {
  private readonly values = new Map<string, number[]>();
  private readonly touched = new Map<string, StatisticsIdentity>();

  add(one: ScoreRecord): Pick<ScoreRecord, 'value' | 'evaluatedAt'> | undefined {
    // Was overtaken by one evaluated later.
    if (one.value === 7) return { value: 8, evaluatedAt: '2027-01-01T00:00:00.000Z' };
    if (one.value === 13) throw new DiscernError('RECORD_INVALID', 'unlucky');
    if (one.value === 99) throw new TypeError('a bug');
    const key = statisticsKey(one);
    this.values.set(key, [...(this.values.get(key) ?? []), one.value]);
    const { panel, metric, param } = one;
    this.touched.set(key, { panel, metric, param });
    return undefined;
  }

  prepare(): Iterable<unknown> {
    return [];
  }

  changed(): StatisticsIdentity[] {
    const changed = [...this.touched.values()];
    this.touched.clear();
    return changed;
  }

  statistics(identity: StatisticsIdentity): object | undefined {
    const values = this.values.get(statisticsKey(identity)) ?? [];
    return identity.metric === 'none'
      ? undefined
      : { n: values.length, sum: values.reduce((sum, value) => sum + value, 0) };
  }

  retire(panel: string): void {
    for (const key of this.values.keys()) if (key.startsWith(`["${panel}"`)) this.values.delete(key);
  }
}

const scored = (offset: number, value: number, change: Partial<ScoreRecord> = {}): Delivery => {
  const record = score({ value, ...change });
  return delivery(offset, encodeRecord(record), { topic: 'scores', key: scoreKey(record) });
};

function deps(change: Partial<AuditDeps> & { readonly scheduler?: SchedulerLike } = {}): AuditDeps {
  return { auditor: new CountingAuditor(), end: new Map(), now: () => '2026-01-01T00:00:00Z', ...change };
}

/** `metric n=.. sum=..` for statistics, the reason for dead letters; in brackets the offsets that are done. */
function summary({ records, done }: Emission): string {
  const stored = records.map((record) => {
    if (record.topic !== STATISTICS) return decodeDeadLetter(record.value!).reason;
    const { metric, statistics } = decodeStatisticsRecord(record.value!);
    return `${metric} n=${String(statistics.n)} sum=${String(statistics.sum)}`;
  });
  return [...stored, `[${done.map((one) => one.record.offset).join(' ')}]`].join(' ');
}

const summarised = map(summary);
const none = { done: '[0 1]' };

describe('auditScores', () => {
  it('gives deliveries back in batches and emits statistics an interval after the first change', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('ab 60ms |', { a: scored(0, 1), b: scored(1, 2) });
      const actual = auditScores(source, deps({ intervalMs: 30 })).pipe(summarised);
      // Folded at 20 ms, when the first batch ends; statistics at 20 + 30 ms.
      expectObservable(actual).toBe('20ms d 29ms s 11ms |', { d: none.done, s: 'sae_probes_auc n=2 sum=3 []' });
      expectSubscriptions(source.subscriptions).toBe('^ 61ms !');
    });
  });

  it('emits at most one round of statistics an interval, with all changes since', () => {
    marbles(({ hot, expectObservable }) => {
      const values = { a: scored(0, 1), b: scored(1, 2), c: scored(2, 3, { metric: 'l0' }) };
      const source = hot('a 24ms b 34ms c 139ms |', values);
      const actual = auditScores(source, deps({ intervalMs: 100 })).pipe(summarised);
      expectObservable(actual).toBe('20ms 0 19ms 1 19ms 2 59ms (st) 76ms |', {
        ...{ 0: '[0]', 1: '[1]', 2: '[2]' },
        s: 'sae_probes_auc n=2 sum=3 []',
        t: 'l0 n=1 sum=3 []',
      });
    });
  });

  it('emits nothing but what is done until it has read what was there when it started', () => {
    marbles(({ hot, expectObservable }) => {
      const replayed = {
        a: scored(0, 1),
        b: scored(4, 2),
        c: delivery(2, scored(0, 3).record.value, { partition: 1 }),
      };
      const source = hot('a 69ms b 79ms c 89ms |', replayed);
      const end = new Map([
        [0, 5n],
        [1, 3n],
      ]);
      const actual = auditScores(source, deps({ end, intervalMs: 30 })).pipe(summarised);
      expectObservable(actual).toBe('20ms 0 59ms 1 79ms 2 29ms s 49ms |', {
        ...{ 0: '[0]', 1: '[4]', 2: '[2]' },
        s: 'sae_probes_auc n=3 sum=6 []',
      });
    });
  });

  it('emits what has changed when the source completes', async () => {
    const emissions = await lastValueFrom(auditScores(from([scored(0, 1), scored(1, 2)]), deps()).pipe(toArray()));
    expect(emissions.map(summary)).toEqual(['[0 1]', 'sae_probes_auc n=2 sum=3 []']);
  });

  it('stops its timers and its source when it is unsubscribed', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('a 99ms', { a: scored(0, 1) });
      expectObservable(auditScores(source, deps()), '^ 9ms !').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^ 9ms !');
    });
  });

  it('folds means over tasks and lets the scores of single tasks pass', async () => {
    const deliveries = [scored(0, 1), scored(1, 2, { task: 'world' })];
    const emissions = await lastValueFrom(auditScores(from(deliveries), deps()).pipe(toArray()));
    expect(emissions.map(summary)).toEqual(['[0 1]', 'sae_probes_auc n=1 sum=1 []']);
  });

  it('makes dead letters of what it cannot read and of what the auditor refuses, and goes on', async () => {
    const unreadable = delivery(1, Uint8Array.from([0xc1]), { topic: 'scores' });
    const notFinite = delivery(2, Uint8Array.from(nan()), { topic: 'scores' });
    const deliveries = [scored(0, 1), unreadable, notFinite, scored(3, 13), scored(4, 2)];
    const emissions = await lastValueFrom(auditScores(from(deliveries), deps()).pipe(toArray()));
    expect(emissions.map(summary)).toEqual([
      'record_undecodable score_not_finite record_invalid [0 1 2 3 4]',
      'sae_probes_auc n=2 sum=3 []',
    ]);
  });

  it('appends a score again that stands although an older one came after it, once it has caught up', async () => {
    const end = new Map([[0, 4n]]);
    const older = [scored(0, 7, { param: 'k=1' }), scored(1, 7, { param: 'k=2' })];
    // The first was appended again already, further on.
    const deliveries = [...older, scored(2, 8, { param: 'k=1' }), scored(3, 1), scored(4, 7, { param: 'k=3' })];
    const emissions = await lastValueFrom(auditScores(from(deliveries), deps({ end })).pipe(toArray()));
    const [{ records }] = emissions;
    expect(records.map(({ topic, key }) => [topic, key])).toEqual([
      ['scores', older[1].record.key],
      ['scores', deliveries[4].record.key],
    ]);
    expect(decodeScoreRecord(records[0].value!)).toEqual(
      score({ param: 'k=2', value: 8, evaluatedAt: '2027-01-01T00:00:00.000Z' }),
    );
  });

  it('fails when the auditor fails for another reason than the score', async () => {
    await expect(lastValueFrom(auditScores(from([scored(0, 99)]), deps()))).rejects.toThrow('a bug');
  });

  it('writes statistics under their identity, one to an emission, and none where there are none', async () => {
    const deliveries = Array.from({ length: 20 }, (_, i) => scored(i, 0.5, { param: `k=${i}` }));
    const source = from([...deliveries, scored(20, 1, { metric: 'none' })]);
    const emissions = await lastValueFrom(auditScores(source, deps()).pipe(toArray()));
    const statistics = emissions.slice(1);
    expect(statistics.map(({ records }) => records.length)).toEqual(Array(20).fill(1));
    expect(statistics[0].records[0].key).toBe('["p","sae_probes_auc","k=0"]');
  });

  it('lets the event loop turn between two emissions of a round, however many metrics changed', async () => {
    const deliveries = Array.from({ length: 20 }, (_, i) => scored(i, 0.5, { param: `k=${i}` }));
    let turn = 0;
    const turning = setInterval(() => (turn += 1), 0);
    const turns = map(() => turn);
    const emissions = await lastValueFrom(auditScores(from(deliveries), deps()).pipe(turns, toArray()));
    clearInterval(turning);
    const [, ...statistics] = emissions;
    expect(new Set(statistics).size).toBe(20);
  });

  it('lets what comes during a round wait: its statistics are of one set of scores', async () => {
    const input = new Subject<Delivery>();
    class Interrupted extends CountingAuditor {
      private rounds = 0;

      override *prepare(): Generator<undefined> {
        yield undefined;
        this.rounds += 1;
        // A whole batch, which is given on at once.
        if (this.rounds === 1)
          for (let i = 2; i < 66; i++) input.next(scored(i, 1, { param: i % 2 === 0 ? 'a' : 'b' }));
        else input.complete();
        yield undefined;
      }
    }
    const auditor = new Interrupted();
    const emissions = lastValueFrom(auditScores(input, deps({ auditor, intervalMs: 5 })).pipe(toArray()));
    input.next(scored(0, 1, { param: 'a' }));
    input.next(scored(1, 1, { param: 'b' }));
    const [first, a, b, second, ...others] = (await emissions).map(summary);
    expect(first).toBe('[0 1]');
    expect([a, b]).toEqual(['sae_probes_auc n=1 sum=1 []', 'sae_probes_auc n=1 sum=1 []']);
    expect(second).toBe(`[${Array.from({ length: 64 }, (_, i) => i + 2).join(' ')}]`);
    expect(others).toEqual(['sae_probes_auc n=33 sum=33 []', 'sae_probes_auc n=33 sum=33 []']);
  });

  it('gives a batch back as soon as it is full: a reader with few places is never kept waiting for more', async () => {
    const deliveries = Array.from({ length: 130 }, (_, i) => scored(i, 0.5));
    const emissions = await lastValueFrom(auditScores(from(deliveries), deps()).pipe(toArray()));
    expect(emissions.slice(0, 3).map(({ done }) => done.length)).toEqual([64, 64, 2]);
  });
});

describe('a panel that is idle', () => {
  const at = (offset: number, timestamp: number, panel: string, value: number): Delivery =>
    delivery(offset, scored(offset, value, { panel }).record.value, { topic: 'scores', timestamp });

  it('is dropped after its last statistics were emitted, and others stay', () => {
    marbles(({ hot, expectObservable, flush }) => {
      const auditor = new CountingAuditor();
      const of = (panel: string) => auditor.statistics({ panel, metric: 'sae_probes_auc', param: 'k=5' });
      const source = hot('(ab) 196ms |', { a: at(0, -1000, 'old', 1), b: at(1, 0, 'new', 2) });
      const actual = auditScores(source, deps({ auditor, intervalMs: 30, retireAfterMs: 500 })).pipe(summarised);
      expectObservable(actual).toBe('20ms d 29ms (st) 146ms |', {
        d: none.done,
        s: 'sae_probes_auc n=1 sum=1 []',
        t: 'sae_probes_auc n=1 sum=2 []',
      });
      flush();
      expect([of('old'), of('new')]).toEqual([
        { n: 0, sum: 0 },
        { n: 1, sum: 2 },
      ]);
    });
  });

  it('is dropped only when its last score was appended long ago, whenever that was evaluated', async () => {
    const auditor = new CountingAuditor();
    const imported = scored(0, 1, { evaluatedAt: '1999-01-01T00:00:00Z' });
    const recent = delivery(0, imported.record.value, { topic: 'scores', timestamp: Date.now() });
    await lastValueFrom(auditScores(from([recent]), deps({ auditor, retireAfterMs: 60_000 })));
    expect(auditor.statistics({ panel: 'p', metric: 'sae_probes_auc', param: 'k=5' })).toEqual({ n: 1, sum: 1 });
  });

  it('fails the pipeline when it is scored again, since its statistics need all of its scores', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('a 99ms b', { a: at(0, -1000, 'old', 1), b: at(1, 100, 'old', 2) });
      const actual = auditScores(source, deps({ intervalMs: 30, retireAfterMs: 500 })).pipe(summarised);
      const values = { d: '[0]', s: 'sae_probes_auc n=1 sum=1 []' };
      expectObservable(actual).toBe('20ms d 29ms s 49ms #', values, new PanelRevived('old'));
    });
  });

  it('is rebuilt from its first score then', async () => {
    const first = at(0, Date.now() - 10_000, 'old', 1);
    const log = [first];
    const begin = () => {
      const deliveries$ = concat(from([...log]), log.length === 1 ? appendLater(log) : NEVER);
      return auditScores(deliveries$, deps({ auditor: new CountingAuditor(), intervalMs: 5, retireAfterMs: 1000 }));
    };
    const statistics$ = rebuildOnRevival(begin).pipe(summarised);
    expect(await lastValueFrom(statistics$.pipe(take(4), toArray()))).toEqual([
      '[0]',
      'sae_probes_auc n=1 sum=1 []',
      '[0 1]',
      'sae_probes_auc n=2 sum=3 []',
    ]);
  });

  it('is no reason to begin again when the pipeline fails for another one', async () => {
    const begin = () => auditScores(from([scored(0, 99)]), deps());
    await expect(lastValueFrom(rebuildOnRevival(begin))).rejects.toThrow('a bug');
  });

  /** Appends a score once the panel has been retired, as a log would while it is read. */
  function appendLater(log: Delivery[]) {
    return of(undefined).pipe(
      delay(100),
      map(() => {
        const second = at(1, Date.now(), 'old', 2);
        log.push(second);
        return second;
      }),
    );
  }
});

/** A score of NaN, which the encoder would not write. */
function nan(): number[] {
  const bytes = [...encodeRecord(score({ value: 0.1 }))];
  const value = [0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a];
  const at = bytes.findIndex((_, i) => value.every((byte, j) => bytes[i + j] === byte));
  bytes.splice(at, 8, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0);
  return bytes;
}
