import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { Delivery, Emission, Log } from '../../../src/log/log.js';
import { metered, type LogMeter } from '../../../src/log/metered.js';

/** A log whose deliveries the test makes. */
function stubLog() {
  const deliveries = new Subject<Delivery>();
  const store = { fails: false };
  const unused = (): never => {
    throw new Error('not used here');
  };
  const log: Log = {
    description: 'a stub',
    ensureTopics: unused,
    read: () => deliveries,
    store: () => (store.fails ? Promise.reject(new Error('full')) : Promise.resolve()),
    end: unused,
    lag: unused,
    close: unused,
  };
  return { log, deliveries, store };
}

class RecordingMeter implements LogMeter {
  readonly seen: string[] = [];
  received(): void {
    this.seen.push('received');
  }
  stored({ records, done }: Emission): void {
    this.seen.push(`stored ${records.length}, done ${done.length}`);
  }
  inProgress(deliveries: number): void {
    this.seen.push(`${deliveries} in progress`);
  }
  /** What happened since the last call. */
  take(): string[] {
    return this.seen.splice(0);
  }
}

const delivery = (offset: number, lease?: number, partition = 0): Delivery => {
  const record = { topic: 't', partition, offset: BigInt(offset), key: 'k', value: new Uint8Array() };
  return { record: { ...record, headers: {}, timestamp: 0 }, ...(lease === undefined ? {} : { lease }) };
};

function reading() {
  const { log, deliveries, store } = stubLog();
  const meter = new RecordingMeter();
  const watched = metered(log, meter);
  const received: Delivery[] = [];
  const reader = watched.read({ topic: 't', maxInFlight: 9 }).subscribe((one) => received.push(one));
  return { watched, meter, deliveries, received, reader, store };
}

describe('a metered log', () => {
  it('passes deliveries on and counts those that are not acknowledged', async () => {
    const { watched, meter, deliveries, received } = reading();
    deliveries.next(delivery(0));
    deliveries.next(delivery(1));
    expect(received).toHaveLength(2);
    expect(meter.take()).toEqual(['received', '1 in progress', 'received', '2 in progress']);
    await watched.store({ records: [], done: [delivery(0)] });
    expect(meter.take()).toEqual(['stored 0, done 1', '1 in progress']);
  });

  it('counts nothing as stored that was not, and fails as the log does', async () => {
    const { watched, meter, deliveries, store } = reading();
    store.fails = true;
    deliveries.next(delivery(0));
    meter.take();
    await expect(watched.store({ records: [], done: [delivery(0)] })).rejects.toThrow('full');
    expect(meter.take()).toEqual([]);
  });

  it('counts a record that is delivered again once', () => {
    const { meter, deliveries } = reading();
    deliveries.next(delivery(0));
    deliveries.next(delivery(0));
    expect(meter.take().at(-1)).toBe('1 in progress');
  });

  it('gives up what was delivered under an earlier lease of the partition, and only of that', () => {
    const { meter, deliveries } = reading();
    for (const one of [delivery(0, 1), delivery(1, 1), delivery(0, 1, 1), delivery(0, 2)]) deliveries.next(one);
    expect(meter.take().at(-1)).toBe('2 in progress');
  });

  it('gives up what a reader had when it stops', () => {
    const { meter, deliveries, reader } = reading();
    deliveries.next(delivery(0));
    reader.unsubscribe();
    expect(meter.take().at(-1)).toBe('0 in progress');
  });
});
