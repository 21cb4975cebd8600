import { from, Observable, switchMap } from 'rxjs';
import type { Config } from '../config/schema.js';
import { DiscernError } from '../errors.js';
import type { Auditor } from '../lenses/auditor.js';
import type { Delivery, Emission, Log } from '../log/log.js';
import type { Spool } from '../log/spool.js';
import { exemplarOf } from '../telemetry/exemplar.js';
import type { ScoreCounters } from '../telemetry/families/score-counters.js';
import { claimChecks } from '../weights/claim-check.js';
import type { WeightsPolicy } from '../weights/policy.js';
import type { RedeemedWeights, WeightsClaim } from '../weights/source.js';
import { auditScores, rebuildOnRevival, type ScoreAuditor } from '../../streams/audit.js';
import { evaluateCheckpoints, type EvaluateDeps, type EvaluationResult } from '../../streams/evaluate.js';
import { runPipeline, type RunningPipeline } from '../../streams/run.js';
import type { EventSink } from '../../streams/telemetry.js';
import { CHECKPOINTS, EVALUATIONS } from '../../streams/topics.js';
import type { PanelEvaluators } from './panel-evaluators.js';

/** The consumer group that shares the checkpoints among evaluators. */
export const EVALUATE_GROUP = 'discern-evaluate';

/** Records in flight beyond the checkpoints in work: what waits in memory is this small, however long the queue. */
const EVALUATE_AHEAD = 8;

/** What was read is delivered and folded at one go: so many scores take some ten milliseconds. */
const AUDIT_IN_FLIGHT = 1024;

const now = (): string => new Date().toISOString();

export interface EvaluateStage {
  readonly log: Log;
  readonly config: Config;
  readonly evaluators: PanelEvaluators;
  readonly spool: Spool;
  readonly events: EventSink;
}

/** Checkpoints ─▶ scores, as a member of the evaluators' group. */
export function startEvaluate({ log, config, evaluators, spool, events }: EvaluateStage): RunningPipeline {
  const { concurrency } = config.evaluate;
  const { spoolBytes } = config.weights;
  const evaluate = evaluateWith(config, evaluators, spool);
  const deps: EvaluateDeps = { evaluate, spool, spoolBytes, events, now, concurrency };
  const subscription = { topic: CHECKPOINTS, group: EVALUATE_GROUP, maxInFlight: concurrency + EVALUATE_AHEAD };
  return runPipeline(log, subscription, (deliveries$) => evaluateCheckpoints(deliveries$, deps), events);
}

function evaluateWith(config: Config, evaluators: PanelEvaluators, spool: Spool): EvaluateDeps['evaluate'] {
  const claims = claimChecks(weightsPolicy(config), spool);
  const evaluate = async ({ manifest, spooledWeights }: Work, signal: AbortSignal): Promise<EvaluationResult> => {
    const evaluator = evaluators.of(manifest.panel);
    const { format, config, auxiliary = {} } = manifest;
    const weights =
      spooledWeights === undefined ? await claims.redeem(claimOf(manifest), signal) : inPlace(spooledWeights);
    try {
      return await evaluator.evaluate({ format, config, auxiliary, weights: weights.path });
    } finally {
      await weights.release();
    }
  };
  return (work) =>
    new Observable((subscriber) => {
      const abandoned = new AbortController();
      from(evaluate(work, abandoned.signal)).subscribe(subscriber);
      return () => abandoned.abort();
    });
}

type Work = Parameters<EvaluateDeps['evaluate']>[0];

function inPlace(path: string): RedeemedWeights {
  return { path, release: () => Promise.resolve() };
}

function claimOf({ weights }: Work['manifest']): WeightsClaim {
  if ('uri' in weights) return weights;
  throw new DiscernError('EVALUATION_FAILED', 'the weights came inline, but were not put together');
}

/** Whoever can write to the embedded log can read this user's files anyway; a broker's clients need not be trusted. */
function weightsPolicy(config: Config): WeightsPolicy {
  const { roots, ...others } = config.weights;
  if (roots !== undefined) return { ...others, roots };
  return 'embedded' in config.log ? others : { ...others, roots: [] };
}

export interface AuditStage {
  readonly log: Log;
  readonly config: Config;
  /** One that has seen no score. */
  readonly createAuditor: () => Auditor;
  readonly counters: ScoreCounters;
  readonly events: EventSink;
}

/** Scores ─▶ statistics, rebuilt from every score there is. */
export function startAudit({ log, config, createAuditor, counters, events }: AuditStage): RunningPipeline {
  const { retireAfter: retireAfterMs } = config.audit;
  const fromTheFirstScore = (deliveries$: Observable<Delivery>): Observable<Emission> =>
    from(log.end(EVALUATIONS)).pipe(
      switchMap((end) => {
        const auditor = counted(createAuditor(), counters);
        return auditScores(deliveries$, { auditor, end, now, events, retireAfterMs });
      }),
    );
  return runPipeline(log, { topic: EVALUATIONS, maxInFlight: AUDIT_IN_FLIGHT }, (deliveries$) =>
    rebuildOnRevival(() => fromTheFirstScore(deliveries$)),
  );
}

/** The auditor, with its outcomes counted. */
function counted(auditor: Auditor, counters: ScoreCounters): ScoreAuditor {
  return {
    add(score) {
      const { panel, metric, param } = score;
      const one = { labels: { panel, metric, param }, exemplarLabels: exemplarOf(score) };
      const outcome = auditor.add(score);
      counters.scores.inc(one);
      if (outcome === 'replaced' || outcome === 'outdated') counters.conflicts.inc(one);
      if (outcome === 'other_bundle')
        throw new DiscernError(
          'BUNDLE_DIGEST_MISMATCH',
          `${metric} ${param} of ${score.run} at step ${score.step}: measured on bundle ${score.bundle ?? '(none)'}, panel ${panel} is on ${auditor.bundle(panel) ?? '(none)'}`,
          { hint: 'A panel has one bundle; evaluate on another one under another panel name.' },
        );
      return outcome === 'outdated' ? auditor.standing(score) : undefined;
    },
    prepare: () => auditor.prepare(),
    changed: () => auditor.changed(),
    statistics: (key) => auditor.statistics(key),
    retire: (panel) => auditor.retire(panel),
  };
}
