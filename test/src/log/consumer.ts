import { setTimeout as delay } from 'node:timers/promises';
import type { Subscription as Reading } from 'rxjs';
import type { Delivery, Log, Subscription } from '../../../src/log/log.js';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (delivery: Delivery): string => new TextDecoder().decode(delivery.record.value);

/** A subscriber that is asked for deliveries one after the other, and stays subscribed until it is told to stop. */
export class Consumer {
  private readonly waiting: Delivery[] = [];
  private readonly reading: Reading;
  private changed: () => void = () => undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(log: Log, subscription: Subscription) {
    this.reading = log.read(subscription).subscribe({
      next: (delivery) => {
        this.waiting.push(delivery);
        this.changed();
      },
      error: (error: unknown) => {
        this.failure = { error };
        this.changed();
      },
    });
  }

  /** The next so many deliveries. Rejects when the reader fails. */
  async next(count: number): Promise<Delivery[]> {
    while (this.waiting.length < count) {
      if (this.failure !== undefined) throw this.failure.error;
      await new Promise<void>((resolve) => (this.changed = resolve));
    }
    return this.waiting.splice(0, count);
  }

  /** What comes within a short time. */
  async soon(): Promise<Delivery[]> {
    await delay(200);
    return this.waiting.splice(0);
  }

  stop(): void {
    this.reading.unsubscribe();
  }
}
