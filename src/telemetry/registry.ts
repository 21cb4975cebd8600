import { Registry, type OpenMetricsContentType } from 'prom-client';

/** Of OpenMetrics, since prom-client has exemplars only there. Nothing is registered globally. */
export type MetricRegistry = Registry<OpenMetricsContentType>;

export function createRegistry(): MetricRegistry {
  const registry: MetricRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
