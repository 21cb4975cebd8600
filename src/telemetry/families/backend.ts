import { Gauge, type Registry } from 'prom-client';

export const METRIC_NAMES = ['discern_backend_info'] as const;

export interface BackendInfo {
  readonly name: string;
  readonly description: string;
}

export function registerBackend(registry: Registry, backend: BackendInfo): void {
  new Gauge({
    name: METRIC_NAMES[0],
    help: 'What the encoder runs on; always 1.',
    labelNames: ['backend', 'description'] as const,
    registers: [registry],
  }).set({ backend: backend.name, description: backend.description }, 1);
}
