import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { delayAfter } from './backoff.js';
import { RETRY } from './client.js';
import { isTransient } from './errors.js';

/** Offsets of a partition: of the oldest record that is there, and after the newest. */
export interface PartitionEnds {
  readonly low: bigint;
  readonly high: bigint;
}

/** A broker that restarts is back by then. */
const PATIENCE_MS = 20_000;

/** Questions to the cluster, over one connection that is made anew when it breaks. */
export class ClusterAdmin {
  private admin: Promise<Admin> | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** Asks; again and over new connections while the cluster cannot be reached, until the patience is at an end. */
  async ask<T>(question: (admin: Admin) => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (let failures = 0; ; failures++) {
      try {
        return await question(await this.connected());
      } catch (error) {
        if (!isTransient(error)) throw error;
        await this.close();
        if (Date.now() > deadline) throw error;
        await delay(delayAfter(failures));
      }
    }
  }

  async endsOf(topic: string): Promise<ReadonlyMap<number, PartitionEnds>> {
    const partitions = await this.ask((admin) => admin.fetchTopicOffsets(topic));
    return new Map(partitions.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
  }

  /** What a group has committed, by topic and partition. */
  async committed(
    group: string,
    topics?: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> {
    const query = { groupId: group, ...(topics === undefined ? {} : { topics: [...topics] }) };
    const committed = await this.ask((admin) => admin.fetchOffsets(query));
    return new Map(
      committed.map(({ topic, partitions }) => [
        topic,
        // An offset below 0 says that there is none.
        new Map(
          partitions
            .map(({ partition, offset }) => [partition, BigInt(offset)] as const)
            .filter(([, offset]) => offset >= 0n),
        ),
      ]),
    );
  }

  async close(): Promise<void> {
    const { admin } = this;
    this.admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }

  private connected(): Promise<Admin> {
    if (this.admin === undefined) {
      const admin = this.kafka.admin({ retry: RETRY });
      this.admin = admin.connect().then(() => admin);
      this.admin.catch(() => (this.admin = undefined));
    }
    return this.admin;
  }
}
