import { finalize, defer, tap } from 'rxjs';
import type { Delivery, Emission, Log, Receipt } from './log.js';

/** What happens at the ends of a pipeline. */
export interface LogMeter {
  /** A record was delivered. */
  received(): void;
  /** An emission was stored and its deliveries acknowledged. */
  stored(emission: Emission): void;
  /** So many deliveries are neither acknowledged nor given up. */
  inProgress(deliveries: number): void;
}

/** The same log, with what is read from it and stored in it metered. */
export function metered(log: Log, meter: LogMeter): Log {
  const open = new OpenDeliveries();
  return {
    description: log.description,
    ensureTopics: (topics) => log.ensureTopics(topics),
    read: (subscription) =>
      defer(() =>
        log.read(subscription).pipe(
          tap((delivery) => {
            open.add(delivery);
            meter.received();
            meter.inProgress(open.size);
          }),
          finalize(() => {
            open.giveUp(subscription.topic);
            meter.inProgress(open.size);
          }),
        ),
      ),
    async store(emission) {
      await log.store(emission);
      for (const receipt of emission.done) open.remove(receipt);
      meter.stored(emission);
      meter.inProgress(open.size);
    },
    end: (topic) => log.end(topic),
    lag: (group) => log.lag(group),
    close: () => log.close(),
  };
}

/** Deliveries that are not acknowledged, by topic and partition. Those of an earlier lease of a partition are void. */
class OpenDeliveries {
  private readonly partitions = new Map<string, { topic: string; lease: number | undefined; offsets: Set<bigint> }>();

  get size(): number {
    return [...this.partitions.values()].reduce((sum, { offsets }) => sum + offsets.size, 0);
  }

  add({ record: { topic, partition, offset }, lease }: Delivery): void {
    const key = keyOf(topic, partition);
    let known = this.partitions.get(key);
    if (known === undefined || known.lease !== lease)
      this.partitions.set(key, (known = { topic, lease, offsets: new Set() }));
    known.offsets.add(offset);
  }

  remove({ record: { topic, partition, offset } }: Receipt): void {
    this.partitions.get(keyOf(topic, partition))?.offsets.delete(offset);
  }

  giveUp(topic: string): void {
    for (const [key, known] of this.partitions) if (known.topic === topic) this.partitions.delete(key);
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
