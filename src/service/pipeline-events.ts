import { Subject, type Observable } from 'rxjs';
import type { EvaluationCompleted, EvaluationStarted } from '../telemetry/observed-state.js';
import { exemplarOf } from '../telemetry/exemplar.js';
import type { Logger } from '../telemetry/logger.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import type { CheckpointReference, EventSink, PipelineEvent } from '../../streams/telemetry.js';

/** Stages of an evaluation that are no metrics. */
const STAGES: ReadonlySet<string> = new Set(['read', 'encode']);

export interface EventReports {
  readonly sink: EventSink;
  /** For the live page: what is being evaluated. */
  readonly progress$: Observable<EvaluationStarted | EvaluationCompleted>;
}

/** Turns what happens in the pipelines into counters, log lines and what the live page shows. */
export function reportEvents(telemetry: Telemetry, logger: Logger): EventReports {
  const progress$ = new Subject<EvaluationStarted | EvaluationCompleted>();
  const started = new Map<string, number>();
  const sink = (event: PipelineEvent): void => {
    switch (event.type) {
      case 'checkpoint-received':
        telemetry.checkpoints.received.inc({ panel: event.panel });
        return;
      case 'evaluation-started': {
        const { panel, run, step } = event;
        started.set(identityOf(event), Date.now());
        progress$.next({ type: 'evaluating', at: Date.now(), panel, run, step });
        logger.debug({ panel, run, step }, 'evaluating');
        return;
      }
      case 'evaluation-failed':
        started.delete(identityOf(event));
        return;
      case 'checkpoint-evaluated': {
        const { panel, run, step, scores } = event;
        const seconds = (Date.now() - (started.get(identityOf(event)) ?? Date.now())) / 1000;
        started.delete(identityOf(event));
        telemetry.checkpoints.evaluated.inc({ panel });
        for (const [stage, time] of Object.entries(event.seconds))
          if (!STAGES.has(stage)) observeDuration(telemetry, stage, time, event);
        progress$.next({ type: 'evaluated', at: Date.now(), panel, run, step, scores, seconds });
        logger.info({ panel, run, step, scores, seconds }, 'evaluated');
        return;
      }
      case 'evaluation-retried':
        logger.warn(event, 'the evaluation failed and is tried again');
        return;
      case 'run-finished':
        logger.info({ panel: event.panel, run: event.run, step: event.step }, 'run finished');
        return;
      case 'chunk-dropped':
        logger.debug(event, 'chunk of a refused checkpoint');
        return;
      case 'dead-letter':
        telemetry.deadLetters.inc({ topic: event.topic, reason: event.reason });
        logger.warn({ topic: event.topic, reason: event.reason, error: event.error }, 'dead letter');
        return;
    }
  };
  return { sink, progress$ };
}

function observeDuration(
  { evaluationDuration }: Telemetry,
  metric: string,
  value: number,
  checkpoint: CheckpointReference,
): void {
  evaluationDuration.observe({ labels: { metric }, value, exemplarLabels: exemplarOf(checkpoint) });
}

function identityOf({ panel, run, step }: { panel: string; run: string; step: number }): string {
  return JSON.stringify([panel, run, step]);
}
