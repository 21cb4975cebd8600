import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { metricDetail } from './definitions/metric.js';
import { panelOverview } from './definitions/panel-overview.js';
import { pipeline } from './definitions/pipeline.js';
import { runDetail } from './definitions/run.js';

/** Every dashboard, by the name of its file in `dashboards/`. A new one is a file and a line here. */
export function buildDashboards(): ReadonlyMap<string, Dashboard> {
  return new Map([
    ['panel-overview.json', panelOverview().build()],
    ['metric.json', metricDetail().build()],
    ['run.json', runDetail().build()],
    ['pipeline.json', pipeline().build()],
  ]);
}

/** As the file holds it. */
export function render(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
