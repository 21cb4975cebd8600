/** Writes `grafana/dashboards/*.json` from their definitions: `npm run dashboards`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDashboards, render } from './dashboards.js';

for (const [file, dashboard] of buildDashboards()) {
  const path = join('grafana', 'dashboards', file);
  await writeFile(path, render(dashboard));
  console.log(path);
}
