import { DiscernError } from '../errors.js';
import { core } from './core.js';
import { closest } from './closest.js';
import { groundTruth } from './ground-truth.js';
import { IMPORTED_METRICS, type ImportedMetric } from './imported.js';
import type { Direction, MetricDefinition, MetricFamily } from './metric.js';
import { saeProbes } from './sae-probes.js';
import { scr } from './scr.js';
import { sparseProbing } from './sparse-probing.js';
import { tpp } from './tpp.js';

/** Every family of metrics that Discern computes itself. A new one is a file and a line here. */
export const METRIC_FAMILIES: readonly MetricFamily[] = [core, saeProbes, sparseProbing, tpp, scr, groundTruth];

/** What `--metrics` takes for everything that the bundle has tasks for. */
const ALL = 'all';

/** Metrics that were asked for. */
export interface MetricSelection {
  /** Families to compute, in the order of the registry. */
  readonly families: readonly MetricFamily[];
  /** Metrics whose scores are wanted. */
  readonly ids: ReadonlySet<string>;
  /** Families that were asked for by name, and not as a part of `all`: a bundle must offer what they need. */
  readonly named: ReadonlySet<MetricFamily>;
}

/** The definition of a metric; undefined when Discern does not compute it itself. */
export function findMetric(id: string): MetricDefinition | undefined {
  return METRIC_FAMILIES.flatMap((family) => family.metrics).find((metric) => metric.id === id);
}

/** What is known of a metric, computed or imported; undefined for one that another program has made up. */
export function describeMetric(id: string): ImportedMetric | undefined {
  return findMetric(id) ?? IMPORTED_METRICS.find((metric) => metric.id === id);
}

/** Which way a metric is better. */
export function directionOf(id: string): Direction {
  return describeMetric(id)?.direction ?? 'neither';
}

/** @throws DiscernError METRIC_UNKNOWN */
export function familyNamed(name: string): MetricFamily {
  const family = METRIC_FAMILIES.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  throw unknownMetric(name);
}

/**
 * The metrics that names stand for: names of families, ids of metrics, or `all`.
 *
 * @throws DiscernError METRIC_UNKNOWN, listing what there is and the closest name
 */
export function resolveMetrics(names: readonly string[]): MetricSelection {
  const ids = new Set(names.flatMap(metricsNamed));
  const explicit = new Set(names.filter((name) => name !== ALL).flatMap(metricsNamed));
  return { ids, families: familiesOf(ids), named: new Set(familiesOf(explicit)) };
}

function familiesOf(ids: ReadonlySet<string>): readonly MetricFamily[] {
  return METRIC_FAMILIES.filter((family) => family.metrics.some(({ id }) => ids.has(id)));
}

function metricsNamed(name: string): readonly string[] {
  const families = METRIC_FAMILIES.filter((family) => name === ALL || family.name === name);
  if (families.length > 0) return families.flatMap((family) => family.metrics.map(({ id }) => id));
  if (findMetric(name) === undefined) throw unknownMetric(name);
  return [name];
}

function unknownMetric(name: string): DiscernError {
  const families = METRIC_FAMILIES.map((family) => family.name);
  const ids = METRIC_FAMILIES.flatMap((family) => family.metrics.map(({ id }) => id));
  return new DiscernError(
    'METRIC_UNKNOWN',
    `there is no metric or family of metrics named ${JSON.stringify(name)}; families: ${families.join(', ')}; metrics: ${ids.join(', ')}`,
    { hint: `Did you mean ${closest(name, [...families, ...ids, ALL])}?` },
  );
}
