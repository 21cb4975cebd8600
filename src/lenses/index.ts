export { type Added, type AuditScore, type MetricKey } from './audit-score.js';
export { type Contradiction } from './agreement.js';
export { Auditor, type AuditorCounters, type AuditorOptions } from './auditor.js';
export {
  detectableDifference,
  pairedDetectableDifference,
  pairedSeedsNeeded,
  seedsNeeded,
} from './detectable-difference.js';
export type * from './metric-statistics.js';
export { auditJson, auditTable, parseScores, type AuditReport } from './report.js';
export { type AuditorSnapshot } from './snapshot.js';
export { THRESHOLDS, type VerdictThresholds } from './verdict.js';
