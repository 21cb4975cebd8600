import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shareReplay } from 'rxjs';
import type { Config } from '../config/schema.js';
import { EvaluationThreads } from '../evaluation/threads.js';
import { Auditor } from '../lenses/auditor.js';
import type { Log } from '../log/log.js';
import { metered } from '../log/metered.js';
import { openSpool } from '../log/spool.js';
import { describeMetric, directionOf } from '../metrics/index.js';
import type { Direction } from '../metrics/metric.js';
import { NOTHING_OBSERVED, type ObservedState } from '../telemetry/observed-state.js';
import type { Logger } from '../telemetry/logger.js';
import { createTelemetry } from '../telemetry/telemetry.js';
import { createServer } from '../web/server.js';
import { decodeCheckpointRecord, decodeDeadLetter, decodeStatisticsRecord } from '../../streams/codec.js';
import { observe, type ObserveSources } from '../../streams/observe.js';
import type { RunningPipeline } from '../../streams/run.js';
import { CHECKPOINTS, DEAD_LETTERS, STATISTICS } from '../../streams/topics.js';
import { logHealth } from './health.js';
import { PanelEvaluators } from './panel-evaluators.js';
import { reportEvents, type EventReports } from './pipeline-events.js';
import { stageMeter } from './stage-meter.js';
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
 * Runs the pipelines over a log, with the live page and `/metrics`. When it throws, nothing is left running.
 *
 * @throws DiscernError when a bundle cannot be opened, a metric is unknown, a forced backend is missing or the port is
 * taken
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const opened = new Opened();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.close().catch((other: unknown) => options.logger.error(other, 'stopping failed as well'));
    throw error;
  }
}

async function start({ config, log, logger, stages = STAGES }: ServiceOptions, opened: Opened): Promise<Service> {
  const spool = await openSpool(join(tmpdir(), 'discern-spool'));
  opened.add(() => spool.close());
  const threads = new EvaluationThreads({ backend: config.evaluate.backend, scorers: config.evaluate.threads });
  opened.add(() => threads.close());
  const evaluates = stages.includes('evaluate');
  // An auditor needs no bundle: scores say which panel they are of.
  const evaluators = evaluates ? await PanelEvaluators.open(config, threads, logger) : undefined;
  const backend = evaluates ? await threads.backend() : undefined;
  if (backend !== undefined) logger.info(backend, 'compute backend');

  const directions = new Map(Object.entries(config.audit.directions));
  const direction = (metric: string): Direction => directions.get(metric) ?? directionOf(metric);
  let state: ObservedState = NOTHING_OBSERVED;
  const telemetry = createTelemetry({
    state: () => state,
    direction,
    lag: {
      lag: () => log.lag(EVALUATE_GROUP),
      onError: (error) => logger.warn(error, 'the log does not tell its lag'),
    },
    ...(backend === undefined ? {} : { backend: { name: backend.backend, description: backend.description } }),
  });
  const reports = reportEvents(telemetry, logger);
  const logOf = (stage: Stage | 'observe'): Log => metered(log, stageMeter(telemetry.stages, stage));
  const state$ = observe(observed(logOf('observe'), logger, reports), { retireAfterMs: config.audit.retireAfter }).pipe(
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  const watching = state$.subscribe({
    next: (next) => (state = next),
    error: (error: unknown) => logger.error(error, 'the log can no longer be observed; /readyz says so too'),
  });
  opened.add(() => Promise.resolve(watching.unsubscribe()));
  const server = await createServer({
    state$,
    registry: telemetry.registry,
    host: config.http.host,
    port: config.http.port,
    ...(config.http.token === undefined ? {} : { token: config.http.token }),
    health: async () => [
      await logHealth(log),
      ...(evaluates ? [{ name: 'backend', ok: true, detail: (await threads.backend()).description }] : []),
    ],
    describeMetric,
  });
  opened.add(() => server.close());
  // Before anything is evaluated: a port that is taken is told at once.
  const url = await server.listen();

  const pipelines: RunningPipeline[] = [];
  const run = (pipeline: RunningPipeline): void => {
    pipelines.push(pipeline);
    opened.add(() => pipeline.stop());
  };
  const createAuditor = (): Auditor => new Auditor({ direction, thresholds: config.audit.thresholds });
  if (stages.includes('audit'))
    run(startAudit({ log: logOf('audit'), config, createAuditor, counters: telemetry.scores, events: reports.sink }));
  if (evaluators !== undefined)
    run(startEvaluate({ log: logOf('evaluate'), config, evaluators, spool, events: reports.sink }));
  logger.info({ url, panels: Object.keys(config.panels) }, 'the live page is up');
  return {
    url,
    ended: Promise.all(pipelines.map(({ done }) => done)).then(() => undefined),
    stop: () => opened.close(),
  };
}

/** What was opened, to be closed in reverse order. */
class Opened {
  private readonly closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  /** Closes everything, also when some of it fails, which is told afterwards. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers.splice(0).reverse()) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
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
