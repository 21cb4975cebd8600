import { Gauge } from 'prom-client';
import type { MetricRegistry } from '../registry.js';
import type { Lag } from '../../log/log.js';

export const METRIC_NAMES = ['discern_consumer_lag_records'] as const;

export interface LagSource {
  /** Records not yet committed, of every topic this process reads in a group. */
  readonly lag: () => Promise<readonly Lag[]>;
  /** Told when the log cannot say; the scrape then goes on without the series. */
  readonly onError: (error: unknown) => void;
}

export function registerConsumerLag(registry: MetricRegistry, source: LagSource): void {
  new Gauge({
    name: METRIC_NAMES[0],
    help: 'Records of a topic that are waiting or in work.',
    labelNames: ['topic', 'partition'] as const,
    registers: [registry],
    async collect() {
      const lags = await source.lag().catch((error: unknown) => {
        source.onError(error);
        return [];
      });
      this.reset();
      for (const { topic, partition, records } of lags) this.set({ topic, partition }, Number(records));
    },
  });
}
