import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './queries.js';

/** Which Prometheus. */
export function datasource(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
}

/** Which Discern, where one Prometheus scrapes several; all of them unless told otherwise. */
export function job(): QueryVariableBuilder {
  return valuesOf('job', 'Job', 'label_values(process_start_time_seconds, job)')
    .regex('/discern/')
    .multi(true)
    .includeAll(true)
    .allValue('.+');
}

export function instance(): QueryVariableBuilder {
  return valuesOf('instance', 'Instance', 'label_values(process_start_time_seconds{job=~"$job"}, instance)')
    .multi(true)
    .includeAll(true)
    .allValue('.+');
}

export function panel(): QueryVariableBuilder {
  return valuesOf('panel', 'Panel', 'label_values(discern_run_step{job=~"$job"}, panel)');
}

export function metric(): QueryVariableBuilder {
  return valuesOf('metric', 'Metric', 'label_values(discern_score{job=~"$job", panel="$panel"}, metric)');
}

/** A metric without parameters has none to choose: everything stands for it too. */
export function param(): QueryVariableBuilder {
  return valuesOf(
    'param',
    'Parameter',
    'label_values(discern_score{job=~"$job", panel="$panel", metric="$metric"}, param)',
  )
    .includeAll(true)
    .allValue('.*');
}

export function run(): QueryVariableBuilder {
  return valuesOf('run', 'Run', 'label_values(discern_run_step{job=~"$job", panel="$panel"}, run)')
    .multi(true)
    .includeAll(true)
    .allValue('.+');
}

/** Where people reach Discern, for links to its live page. */
export function discernUrl(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder('discern_url').label('Discern').defaultValue('http://localhost:9464');
}

function valuesOf(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}
