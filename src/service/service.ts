import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shareReplay } from 'rxjs';
import type { Config } from '../config/schema.js';
import { EvaluationThreads } from '../evaluation/threads.js';
import { Auditor } from '../lenses/auditor.js';
import type { Log } from '../log/log.js';
import { openSpool } from '../log/spool.js';
import { directionOf, findMetric } from '../metrics/index.js';
import { NOTHING_OBSERVED, type ObservedState } from '../telemetry/observed-state.js';
import type { Logger } from '../telemetry/logger.js';
import { createTelemetry } from '../telemetry/telemetry.js';
import { createServer } from '../web/server.js';
import { decodeCheckpointRecord, decodeDeadLetter, decodeStatisticsRecord } from '../../streams/codec.js';
import { observe, type ObserveSources } from '../../streams/observe.js';
import { CHECKPOINTS, DEAD_LETTERS, STATISTICS } from '../../streams/topics.js';
import { PanelEvaluators } from './panel-evaluators.js';
import { reportEvents, type EventReports } from './pipeline-events.js';
import { EVALUATE_GROUP, startAudit, startEvaluate } from './stages.js';
import { tail } from './tail.js';

/** Which pipelines a process runs; everyone observes. */
export type Stage = 'evaluate' | 'audit';
export const STAGES: readonly Stage[] = ['evaluate', 'audit'];

export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  readonly logger: Logger;
  readonly stages?: readonly Stage[];
}

export interface Service {
  /** Where the live page is. */
  readonly url: string;
  /** Resolves when a pipeline has ended, which it does only when the log closes; rejects when one fails. */
  readonly ended: Promise<void>;
  /** Lets the records being stored finish, gives up what is in work (it is delivered again), and closes the page. */
  stop(): Promise<void>;
}

/**
 * Runs the pipelines over a log, with the live page and `/metrics`.
 *
 * @throws DiscernError when a bundle cannot be opened, a metric is unknown, a forced backend is missing or the port is
 * taken
 */
export async function startService({ config, log, logger, stages = STAGES }: ServiceOptions): Promise<Service> {
  const threads = new EvaluationThreads({ backend: config.evaluate.backend, scorers: config.evaluate.threads });
  const spool = await openSpool(join(tmpdir(), 'discern-spool'));
  const evaluates = stages.includes('evaluate');
  const evaluators = await PanelEvaluators.open(config, threads, logger);
  const backend = evaluates ? await threads.backend() : undefined;
  if (backend !== undefined) logger.info(backend, 'compute backend');

  let state: ObservedState = NOTHING_OBSERVED;
  const telemetry = createTelemetry({
    state: () => state,
    lag: {
      lag: () => log.lag(EVALUATE_GROUP),
      onError: (error) => logger.warn(error, 'the log does not tell its lag'),
    },
    ...(backend === undefined ? {} : { backend: { name: backend.backend, description: backend.description } }),
  });
  const reports = reportEvents(telemetry, logger);
  const auditor = new Auditor({ direction: directionOf });

  const pipelines = [
    ...(evaluates ? [startEvaluate({ log, config, evaluators, spool, events: reports.sink })] : []),
    ...(stages.includes('audit')
      ? [await startAudit({ log, auditor, counters: telemetry.scores, events: reports.sink })]
      : []),
  ];
  const state$ = observe(observed(log, logger, reports)).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const watching = state$.subscribe({
    next: (next) => (state = next),
    error: (error: unknown) => logger.error(error, 'the log can no longer be observed; /readyz says so too'),
  });
  const server = await createServer({
    state$,
    registry: telemetry.registry,
    host: config.http.host,
    port: config.http.port,
    ...(config.http.token === undefined ? {} : { token: config.http.token }),
    health: () => [{ name: 'log', ok: true, detail: log.description }],
    describeMetric: findMetric,
  });
  const url = await server.listen();
  logger.info({ url, panels: evaluators.names }, 'the live page is up');

  return {
    url,
    ended: Promise.all(pipelines.map(({ done }) => done)).then(() => undefined),
    async stop() {
      await server.close();
      watching.unsubscribe();
      await Promise.all(pipelines.map((pipeline) => pipeline.stop()));
      await threads.close();
      await spool.close();
    },
  };
}

function observed(log: Log, logger: Logger, reports: EventReports): ObserveSources {
  const source = <T>(topic: string, decode: (value: Uint8Array) => T) =>
    tail(log, { topic, decode, refused: (error) => logger.warn({ topic, error: error.message }, 'not shown') });
  return {
    statistics: source(STATISTICS, decodeStatisticsRecord),
    checkpoints: source(CHECKPOINTS, decodeCheckpointRecord),
    deadLetters: source(DEAD_LETTERS, decodeDeadLetter),
    progress: reports.progress$,
  };
}
