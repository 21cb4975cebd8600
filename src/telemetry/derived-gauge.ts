import { Gauge } from 'prom-client';
import type { MetricRegistry } from './registry.js';
import type { ObservedState } from './observed-state.js';

/** Reads the state at the moment of a scrape. */
export type ReadState = () => ObservedState;

/** Labels of one series and its value; a value that is not defined has no series. */
export type Series<L extends string> = readonly [Readonly<Record<L, string>>, number | undefined];

export interface DerivedGauge<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly series: (state: ObservedState) => Iterable<Series<L>>;
}

/**
 * Registers a gauge whose series are computed from the observed state at each scrape, so that those of a retired run
 * or panel are gone with it.
 */
export function registerDerivedGauge<L extends string>(
  registry: MetricRegistry,
  state: ReadState,
  { name, help, labelNames, series }: DerivedGauge<L>,
): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const [labels, value] of series(state()))
        if (value !== undefined && Number.isFinite(value)) gauge.set(labels, value);
    },
  });
}
