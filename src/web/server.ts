import { LogController, fastify, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { MetricRegistry } from '../telemetry/registry.js';
import { BehaviorSubject, ReplaySubject, type Observable } from 'rxjs';
import { NOTHING_OBSERVED, type ObservedState } from '../telemetry/observed-state.js';
import { DiscernError } from '../errors.js';
import type { HealthCheck } from './health.js';
import type { DescribeMetric } from './metric-view.js';
import { registerRoutes, type Context } from './routes.js';
import { createStateView } from './state-view.js';

export type { HealthCheck } from './health.js';
export type { DescribeMetric, MetricDescription } from './metric-view.js';

export interface ServerOptions {
  /** From `observe`. It is subscribed to once, until the server closes. */
  readonly state$: Observable<ObservedState>;
  readonly registry: MetricRegistry;
  /** What `/readyz` asks. */
  readonly health?: () => readonly HealthCheck[] | Promise<readonly HealthCheck[]>;
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** 0: any free one. 9464 unless told otherwise. */
  readonly port?: number;
  /** With a token, everything but the page's files and the health checks asks for it. */
  readonly token?: string;
  readonly describeMetric?: DescribeMetric;
  readonly logger?: FastifyBaseLogger;
  /** Folder of the compiled page. */
  readonly page?: string;
  /** At most one update to a browser in this time: 250 ms unless told otherwise. */
  readonly throttleMs?: number;
  readonly heartbeatMs?: number;
  /** Browsers that watch at a time; one more is told to come back later. */
  readonly maxClients?: number;
}

/** The live page, `/metrics` and the health checks. */
export interface Server {
  readonly app: FastifyInstance;
  /**
   * @returns the URL it listens on
   * @throws DiscernError ADDRESS_UNAVAILABLE when the port is taken, or the host is none of this machine's
   */
  listen(): Promise<string>;
  /** Ends every event stream, then stops. */
  close(): Promise<void>;
}

export async function createServer(options: ServerOptions): Promise<Server> {
  const { host = '127.0.0.1', port = 9464, logger } = options;
  const app = fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    bodyLimit: 4096,
  });
  const states = new BehaviorSubject(NOTHING_OBSERVED);
  const failure: { current?: HealthCheck } = {};
  const subscription = options.state$.subscribe({
    next: (state) => states.next(state),
    error: (error: unknown) => {
      app.log.error(error, 'the pipelines failed: what is shown stays as it was');
      failure.current = { name: 'pipelines', ok: false, detail: String(error) };
    },
  });
  const context: Context = {
    states,
    view: createStateView(options.describeMetric ?? (() => undefined)),
    // Replayed: a stream that is only just opening must end as well.
    closing: new ReplaySubject(1),
    checks: async () => [
      ...(failure.current === undefined ? [] : [failure.current]),
      ...((await options.health?.()) ?? []),
    ],
  };
  await registerRoutes(app, options, context);
  app.addHook('preClose', (done) => {
    subscription.unsubscribe();
    context.closing.next();
    done();
  });
  return {
    app,
    listen: () => app.listen({ host, port }).catch((error: unknown) => refuse(error, host, port)),
    close: () => app.close(),
  };
}

/** What the system's error codes of `listen` mean, and what to do. */
const LISTEN_ERRORS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  EADDRINUSE: [
    'is taken by another process',
    'Is Discern running already? Choose another port with --http-port (0: any free one).',
  ],
  EACCES: ['is not open to this user', 'Choose a port above 1023 with --http-port.'],
  EADDRNOTAVAIL: ['is no address of this machine', 'Give one that is with --http-host, or 0.0.0.0 for all of them.'],
  ENOTFOUND: ['is no known host', 'Give an address of this machine with --http-host.'],
};

function refuse(error: unknown, host: string, port: number): never {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!(code in LISTEN_ERRORS)) throw error;
  const [what, hint] = LISTEN_ERRORS[code];
  throw new DiscernError('ADDRESS_UNAVAILABLE', `${host}:${port} ${what}`, { cause: error, hint });
}
