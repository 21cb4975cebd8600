import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MetricRegistry } from '../telemetry/registry.js';
import { fromEvent, merge, type BehaviorSubject, type Subject } from 'rxjs';
import type { ObservedState } from '../telemetry/observed-state.js';
import { renderMetrics } from '../telemetry/render-metrics.js';
import { createAccess, type Access } from './access.js';
import { PAGE_FOLDER, registerAssets } from './assets.js';
import { eventStream } from './event-stream.js';
import { readiness, type HealthCheck } from './health.js';
import { metricDetails } from './metric-view.js';
import { SECURITY_HEADERS } from './security.js';
import type { StateView } from './state-view.js';

/** What the routes share. */
export interface Context {
  readonly states: BehaviorSubject<ObservedState>;
  readonly view: StateView;
  readonly closing: Subject<void>;
  readonly checks: () => Promise<readonly HealthCheck[]>;
}

export interface RouteOptions {
  readonly registry: MetricRegistry;
  readonly token?: string;
  readonly page?: string;
  readonly throttleMs?: number;
  readonly heartbeatMs?: number;
  readonly maxClients?: number;
}

/** Everything the server answers. */
export async function registerRoutes(app: FastifyInstance, options: RouteOptions, context: Context): Promise<void> {
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  await registerAssets(app, options.page ?? PAGE_FOLDER);
  registerHealth(app, context);
  const access = createAccess(options.token);
  registerSignIn(app, access);
  await app.register((guarded, _, done) => {
    guarded.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store');
      if (!access.allows(request.headers))
        return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'a token is needed' });
    });
    registerMetrics(guarded, options.registry);
    registerState(guarded, context);
    registerEvents(guarded, options, context);
    done();
  });
}

function registerHealth(app: FastifyInstance, { checks }: Context): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    const found = await readiness(checks);
    return reply.code(found.ready ? 200 : 503).send(found);
  });
}

function registerSignIn(app: FastifyInstance, access: Access): void {
  app.post<{ Body: { token: string } }>('/api/session', {
    schema: { body: { type: 'object', required: ['token'], properties: { token: { type: 'string' } } } },
    handler: (request, reply) => {
      const cookie = access.signIn(request.body.token);
      if (cookie === undefined) return reply.code(401).send({ error: 'this is not the token' });
      return reply.code(204).header('set-cookie', cookie).send();
    },
  });
}

function registerMetrics(app: FastifyInstance, registry: MetricRegistry): void {
  app.get('/metrics', async (request, reply) => {
    const { contentType, body } = await renderMetrics(registry, request.headers.accept);
    return reply.header('content-type', contentType).send(body);
  });
}

function registerState(app: FastifyInstance, { states, view }: Context): void {
  app.get('/api/state', () => view.overview(states.value, Date.now()));
  app.get<{ Querystring: { panel: string; metric: string; param: string } }>('/api/metric', {
    schema: {
      querystring: {
        type: 'object',
        required: ['panel', 'metric'],
        properties: { panel: { type: 'string' }, metric: { type: 'string' }, param: { type: 'string', default: '' } },
      },
    },
    handler: (request, reply) => {
      const { panel: name, metric, param } = request.query;
      const panel = states.value.panels.get(name);
      const observed = panel?.metrics.get(`${metric}|${param}`);
      if (panel === undefined || observed === undefined)
        return reply.code(404).send({ error: `panel '${name}' has no scores of metric '${metric}' '${param}'` });
      return reply.send(metricDetails(panel, observed));
    },
  });
}

function registerEvents(app: FastifyInstance, options: RouteOptions, { states, view, closing }: Context): void {
  const { throttleMs = 250, heartbeatMs = 15_000, maxClients = 64 } = options;
  let clients = 0;
  const handler = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (clients >= maxClients)
      return reply
        .code(503)
        .header('retry-after', '30')
        .send({ error: `${maxClients} browsers watch already` });
    clients += 1;
    request.raw.socket.once('close', () => (clients -= 1));
    const closed = merge(closing, fromEvent(request.raw.socket, 'close'));
    return reply
      .headers({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' })
      .send(eventStream({ states, view, closed, throttleMs, heartbeatMs }));
  };
  app.get('/api/events', handler);
}
