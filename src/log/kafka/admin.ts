import type { Admin, Kafka } from 'kafkajs';
import { ADMIN_RETRY } from './client.js';
import { isTransient } from './errors.js';

/** Offsets of a partition: of the oldest record that is there, and after the newest. */
export interface PartitionEnds {
  readonly low: bigint;
  readonly high: bigint;
}

/** Questions to the cluster, over one connection that is made anew when it breaks. */
export class ClusterAdmin {
  private admin: Promise<Admin> | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** Asks; a second time over a new connection when the first attempt failed for want of one. */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = await this.connected();
    try {
      return await question(admin);
    } catch (error) {
      if (!isTransient(error)) throw error;
      await this.close();
      return question(await this.connected());
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
      const admin = this.kafka.admin({ retry: ADMIN_RETRY });
      this.admin = admin.connect().then(() => admin);
      this.admin.catch(() => (this.admin = undefined));
    }
    return this.admin;
  }
}
