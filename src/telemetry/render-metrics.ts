import { Registry, type OpenMetricsContentType } from 'prom-client';

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

const OPEN_METRICS = 'application/openmetrics-text';

/**
 * The registry as Prometheus text or, where the `Accept` header of the scrape names it, as OpenMetrics.
 */
export async function renderMetrics(registry: Registry, accept = ''): Promise<RenderedMetrics> {
  const rendered = accept.includes(OPEN_METRICS) ? asOpenMetrics(registry) : registry;
  const body = await rendered.metrics();
  return { contentType: rendered.contentType, body };
}

/**
 * A registry in the other format over the same metrics. prom-client renames counters while it writes OpenMetrics, for
 * good; it therefore gets objects that inherit from them.
 */
function asOpenMetrics(registry: Registry): Registry<OpenMetricsContentType> {
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name);
    if (metric !== undefined) open.registerMetric(inheriting(metric));
  }
  return open;
}

function inheriting<T extends object>(parent: T): T {
  return Object.create(parent) as T;
}
