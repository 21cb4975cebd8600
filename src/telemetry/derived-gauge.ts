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
 * or panel are gone with it. No two of them may have the same labels.
 */
export function registerDerivedGauge<L extends string>(
  registry: MetricRegistry,
  state: ReadState,
  definition: DerivedGauge<L>,
): void {
  new ComputedGauge(registry, state, definition);
}

/** A value with labels that prom-client writes out once, for as long as the object lives. */
interface SharedValue {
  readonly labels: Readonly<Record<string, never>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Setting each value at each scrape would file thousands of series under a text of their labels, to be read once. */
class ComputedGauge<L extends string> extends Gauge<L> {
  constructor(
    registry: MetricRegistry,
    private readonly state: ReadState,
    private readonly definition: DerivedGauge<L>,
  ) {
    const { name, help, labelNames } = definition;
    super({ name, help, labelNames: [...labelNames], registers: [registry] });
  }

  override async get(): ReturnType<Gauge<L>['get']> {
    return { ...(await super.get()), values: Array.from(this.series(), ([labels, value]) => ({ labels, value })) };
  }

  /** What prom-client asks for to write a text, most of which is labels: a histogram of its own shares them as well. */
  async getForPromString(): Promise<Omit<Awaited<ReturnType<Gauge<L>['get']>>, 'values'> & { values: SharedValue[] }> {
    const values = Array.from(this.series(), ([sharedLabels, value]) => ({ labels: {}, sharedLabels, value }));
    return { ...(await super.get()), values };
  }

  private *series(): Generator<readonly [Readonly<Record<L, string>>, number]> {
    for (const [labels, value] of this.definition.series(this.state()))
      if (value !== undefined && Number.isFinite(value)) yield [labels, value];
  }
}
