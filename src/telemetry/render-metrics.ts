import { Registry, type OpenMetricsContentType, type PrometheusContentType } from 'prom-client';
import type { MetricRegistry } from './registry.js';

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

const OPEN_METRICS = 'application/openmetrics-text';

/**
 * The registry as Prometheus text or, where the `Accept` header of the scrape names it, as OpenMetrics.
 */
export async function renderMetrics(registry: MetricRegistry, accept = ''): Promise<RenderedMetrics> {
  const contentType = accept.includes(OPEN_METRICS)
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;
  return { contentType, body: await view(registry, contentType).metrics() };
}

/**
 * A registry in some format over the same metrics. prom-client renames counters while it writes OpenMetrics, for good;
 * it therefore gets objects that inherit from them.
 */
function view(
  registry: MetricRegistry,
  contentType: OpenMetricsContentType | PrometheusContentType,
): Registry<OpenMetricsContentType | PrometheusContentType> {
  const other = new Registry<OpenMetricsContentType | PrometheusContentType>();
  other.setContentType(contentType);
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name);
    if (metric !== undefined) other.registerMetric(inheriting(metric));
  }
  return other;
}

function inheriting<T extends object>(parent: T): T {
  return Object.create(parent) as T;
}
