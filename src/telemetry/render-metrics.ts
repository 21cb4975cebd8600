import { setImmediate } from 'node:timers/promises';
import { Registry, type OpenMetricsContentType, type PrometheusContentType } from 'prom-client';
import type { MetricRegistry } from './registry.js';

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

type ContentType = OpenMetricsContentType | PrometheusContentType;

const OPEN_METRICS = 'application/openmetrics-text';

/** What ends the text, and what lies between the families. */
const ENDS = {
  [Registry.OPENMETRICS_CONTENT_TYPE]: { end: '\n# EOF\n', between: '\n' },
  [Registry.PROMETHEUS_CONTENT_TYPE]: { end: '\n', between: '\n\n' },
} as const;

/** With thousands of series a family takes milliseconds: after so many of them others get a turn. */
const TURN_MS = 5;

/**
 * The registry as Prometheus text or, where the `Accept` header of the scrape names it, as OpenMetrics. A family at a
 * time, so that a scrape of a large panel does not hold up everything else; the values of each are those of its moment.
 */
export async function renderMetrics(registry: MetricRegistry, accept = ''): Promise<RenderedMetrics> {
  const contentType = accept.includes(OPEN_METRICS)
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;
  const { end, between } = ENDS[contentType];
  const families: string[] = [];
  let begun = performance.now();
  for (const { name } of registry.getMetricsAsArray()) {
    const text = await view(registry, name, contentType).metrics();
    families.push(text.slice(0, -end.length));
    if (performance.now() - begun < TURN_MS) continue;
    await setImmediate();
    begun = performance.now();
  }
  return { contentType, body: families.join(between) + end };
}

/**
 * A registry in some format over one of the metrics. prom-client renames counters while it writes OpenMetrics, for good;
 * it therefore gets objects that inherit from them.
 */
function view(registry: MetricRegistry, name: string, contentType: ContentType): Registry<ContentType> {
  const other = new Registry<ContentType>();
  other.setContentType(contentType);
  const metric = registry.getSingleMetric(name);
  if (metric !== undefined) other.registerMetric(inheriting(metric));
  return other;
}

function inheriting<T extends object>(parent: T): T {
  return Object.create(parent) as T;
}
