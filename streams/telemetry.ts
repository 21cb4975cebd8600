import type { Emission } from '../src/log/log.js';

/** What happens in the pipelines, for counters and for people. Events of one checkpoint come in order. */
export type PipelineEvent =
  | ({ readonly type: 'checkpoint-received' } & CheckpointReference)
  | ({ readonly type: 'evaluation-started' } & CheckpointReference)
  | ({
      readonly type: 'checkpoint-evaluated';
      readonly scores: number;
      /** Wall time by stage, as the evaluator measured it. */
      readonly seconds: Readonly<Record<string, number>>;
    } & CheckpointReference)
  /** Its dead letter follows. */
  | ({ readonly type: 'evaluation-failed' } & CheckpointReference)
  | ({ readonly type: 'evaluation-retried'; readonly attempt: number; readonly error: string } & CheckpointReference)
  | { readonly type: 'run-finished'; readonly panel: string; readonly run: string; readonly step: number }
  /** A chunk of a checkpoint that has gone to dead letters already. */
  | { readonly type: 'chunk-dropped'; readonly run: string; readonly step: number }
  | { readonly type: 'dead-letter'; readonly topic: string; readonly reason: string; readonly error: string };

export interface CheckpointReference {
  readonly panel: string;
  readonly run: string;
  readonly step: number;
}

/** What a pipeline emits, with what is to be told once it is stored and not before. */
export interface StageEmission extends Emission {
  readonly events?: readonly PipelineEvent[];
}

/** Takes events; must not throw. */
export type EventSink = (event: PipelineEvent) => void;

/** For pipelines that nobody watches. */
export const ignoreEvents: EventSink = () => undefined;
