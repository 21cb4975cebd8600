/**
 * What programs may build on: recorded scores to statistics and verdicts, and checkpoints to scores. Semantic
 * versioning covers what is exported here, the commands, the records of the topics and the Prometheus series.
 */
export { DiscernError, ERROR_CODES, type ErrorCode } from './errors.js';

export { Auditor, type AuditorOptions } from './lenses/auditor.js';
export { type AuditScore, type MetricKey } from './lenses/audit-score.js';
export type * from './lenses/metric-statistics.js';
export { auditJson, auditTable, parseScores, type AuditReport } from './lenses/report.js';
export { THRESHOLDS, type VerdictThresholds } from './lenses/verdict.js';
export { reproduce, type Reproduction } from './reproduce/reproduction.js';

export { openBundle } from './bundle/open.js';
export { Evaluator, type Evaluation, type EvaluatorSettings } from './evaluation/evaluator.js';
export { EvaluationThreads, type ThreadSettings } from './evaluation/threads.js';
export { directionOf, resolveMetrics, type MetricSelection } from './metrics/index.js';
export { type Direction, type MetricDefinition, type MetricFamily, type Score } from './metrics/metric.js';
export { openCheckpoint, readSae } from './sae/readers.js';
export { type Sae } from './sae/sae.js';
