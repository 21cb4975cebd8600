import type { TopicSettings } from '../src/log/log.js';

/** The topics of contract §2. The part before `.v1` names the entity, the number its schema's major version. */
export const CHECKPOINTS = 'discern.checkpoints.v1';
export const EVALUATIONS = 'discern.evaluations.v1';
export const STATISTICS = 'discern.statistics.v1';
export const DEAD_LETTERS = 'discern.dead-letters.v1';

const DAY = 24 * 60 * 60 * 1000;
const MEGABYTE = 1024 * 1024;

export const TOPICS: readonly TopicSettings[] = [
  { name: CHECKPOINTS, partitions: 4, cleanup: 'delete', retentionMs: 7 * DAY, maxRecordBytes: MEGABYTE },
  { name: EVALUATIONS, partitions: 4, cleanup: 'compact', maxRecordBytes: MEGABYTE },
  { name: STATISTICS, partitions: 1, cleanup: 'compact', maxRecordBytes: 8 * MEGABYTE },
  { name: DEAD_LETTERS, partitions: 1, cleanup: 'delete', retentionMs: 30 * DAY, maxRecordBytes: 2 * MEGABYTE },
];
