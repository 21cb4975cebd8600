import { Gauge } from 'prom-client';
import type { MetricRegistry } from '../registry.js';

export const METRIC_NAMES = ['discern_backend_info'] as const;

export interface BackendInfo {
  readonly name: string;
  readonly description: string;
}

export function registerBackend(registry: MetricRegistry, backend: BackendInfo): void {
  new Gauge({
    name: METRIC_NAMES[0],
    help: 'What the encoder runs on; always 1.',
    labelNames: ['backend', 'description'] as const,
    registers: [registry],
  }).set({ backend: backend.name, description: backend.description }, 1);
}
