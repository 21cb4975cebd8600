import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { buildDashboards, render } from '../../grafana/dashboards.js';
import { exprsOf, panelsOf, variablesOf, type Json } from '../../grafana/dashboard-json.js';

const FOLDER = fileURLToPath(new URL('../../grafana/dashboards/', import.meta.url));

const dashboards = readdirSync(FOLDER).map((file) => ({
  file,
  json: JSON.parse(readFileSync(`${FOLDER}${file}`, 'utf8')) as Json,
}));

it('the committed files are what their definitions say (npm run dashboards)', () => {
  const built = [...buildDashboards()];
  expect(dashboards.map(({ file }) => file).sort()).toEqual(built.map(([file]) => file).sort());
  for (const [file, dashboard] of built) expect(readFileSync(`${FOLDER}${file}`, 'utf8')).toBe(render(dashboard));
});

// The rules of github.com/grafana/dashboard-linter.
describe.each(dashboards)('$file', ({ json }) => {
  const variables = variablesOf(json);
  const panels = panelsOf(json);
  const exprs = exprsOf(json);

  it('cannot be edited in Grafana', () => {
    expect(json.editable).toBe(false);
  });

  it('lets the data source, the job and the instance be chosen', () => {
    expect(variables.get('datasource')).toMatchObject({
      type: 'datasource',
      label: 'Data source',
      query: 'prometheus',
    });
    for (const name of ['job', 'instance'])
      expect(variables.get(name)).toMatchObject({
        type: 'query',
        label: name[0].toUpperCase() + name.slice(1),
        datasource: { uid: '${datasource}' },
        multi: true,
        allValue: '.+',
      });
  });

  it('reads its variables from the data source again when the time range changes', () => {
    for (const variable of variables.values())
      if (variable.type === 'query')
        expect(variable).toMatchObject({ refresh: 2, datasource: { uid: '${datasource}' } });
  });

  it.each(panels)('has a title, a description, a unit, a data source and queries: $title', (panel) => {
    expect(panel.title).toMatch(/\S/);
    expect(panel.description).toMatch(/\S/);
    expect(panel.datasource?.uid).toBe('${datasource}');
    expect(panel.fieldConfig?.defaults?.unit).toMatch(/\S/);
    expect(panel.targets?.length).toBeGreaterThan(0);
  });

  it.each(panels.filter(({ type }) => type === 'timeseries'))('names the lines of $title', ({ targets }) => {
    for (const { legendFormat } of targets ?? []) expect(legendFormat).toMatch(/\S/);
  });

  it('asks every series of the chosen job and instance', () => {
    for (const expr of exprs) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect([expr, selectors.length > 0]).toEqual([expr, true]);
      for (const selector of selectors) expect(selector).toMatch(/^\{job=~"\$job", instance=~"\$instance"/);
    }
  });

  it('never graphs a counter as it is, and chooses the window of a rate by the graph', () => {
    for (const expr of exprs) {
      for (const [, before] of expr.matchAll(/(\w+\()?\w+(?:_total|_bucket)\{/g))
        expect(before).toMatch(/^(rate|increase)\($/);
      for (const [, range] of expr.matchAll(/\[([^\]]+)\]/g)) expect(['$__rate_interval', '$__range']).toContain(range);
    }
  });

  it('uses only variables that it has, and has only variables that are used', () => {
    const text = JSON.stringify({ ...json, templating: undefined });
    const queries = [...variables.values()].map((variable) => JSON.stringify(variable.query ?? '')).join();
    const builtIn = /^(__|datasource$)/;
    const used = [...`${text}${queries}`.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect([...new Set(used)].filter((name) => !builtIn.test(name) && !variables.has(name))).toEqual([]);
    expect([...variables.keys()].filter((name) => !used.includes(name))).toEqual([]);
  });

  it('links to the other dashboards and to the live page, and marks firing alerts', () => {
    expect(json.tags).toContain('discern');
    expect(json.links).toMatchObject([{ type: 'dashboards', tags: ['discern'] }, { url: '${discern_url}' }]);
    expect(JSON.stringify(json.annotations)).toContain('ALERTS{');
  });
});
