import { collectDefaultMetrics, type Counter, type Histogram } from 'prom-client';
import { createRegistry, type MetricRegistry } from './registry.js';
import { registerBackend, type BackendInfo } from './families/backend.js';
import { registerCheckpoints, type CheckpointCounters } from './families/checkpoints.js';
import { registerConsumerLag, type LagSource } from './families/consumer-lag.js';
import { registerDeadLetters } from './families/dead-letters.js';
import { registerDiscriminability } from './families/discriminability.js';
import { registerDiscrimination } from './families/discrimination.js';
import { registerEvaluationDuration } from './families/evaluation-duration.js';
import { registerGroundTruth } from './families/ground-truth.js';
import { registerMetricDirection, type DirectionOf } from './families/metric-direction.js';
import { registerReseedNoise } from './families/reseed-noise.js';
import { registerRuns } from './families/runs.js';
import { registerScoreCounters, type ScoreCounters } from './families/score-counters.js';
import { registerScores } from './families/scores.js';
import { registerStages, type StageSeries } from './families/stages.js';
import { registerTrajectory } from './families/trajectory.js';
import { registerVerdict } from './families/verdict.js';
import type { ReadState } from './derived-gauge.js';

export interface TelemetryOptions {
  /** What the gauges show, read at each scrape. */
  readonly state: ReadState;
  /** A fresh one unless given: nothing is registered globally. */
  readonly registry?: MetricRegistry;
  /** Absent where this process reads no topic in a group. */
  readonly lag?: LagSource;
  /** Absent where nothing is known of any metric. */
  readonly direction?: DirectionOf;
  /** Absent where this process evaluates nothing. */
  readonly backend?: BackendInfo;
}

/** What the pipelines count. Everything else is derived from the observed state. */
export interface Telemetry {
  readonly registry: MetricRegistry;
  readonly checkpoints: CheckpointCounters;
  /** In seconds. */
  readonly evaluationDuration: Histogram<'metric'>;
  readonly scores: ScoreCounters;
  readonly deadLetters: Counter<'topic' | 'reason'>;
  readonly stages: StageSeries;
}

/** prom-client's sums over gauges that are there as well, under names that are a counter's. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Registers every `discern_*` series of contract §7 and Node's own process metrics. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { state, registry = createRegistry(), direction, lag, backend } = options;
  const telemetry: Telemetry = {
    registry,
    checkpoints: registerCheckpoints(registry),
    evaluationDuration: registerEvaluationDuration(registry),
    scores: registerScoreCounters(registry),
    deadLetters: registerDeadLetters(registry),
    stages: registerStages(registry),
  };
  registerRuns(registry, state);
  registerScores(registry, state);
  registerReseedNoise(registry, state);
  registerDiscriminability(registry, state);
  registerTrajectory(registry, state);
  registerGroundTruth(registry, state);
  registerDiscrimination(registry, state);
  registerVerdict(registry, state);
  if (direction !== undefined) registerMetricDirection(registry, state, direction);
  if (lag !== undefined) registerConsumerLag(registry, lag);
  if (backend !== undefined) registerBackend(registry, backend);
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return telemetry;
}
