import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject, concat, of, throwError } from 'rxjs';
import { createTelemetry } from '../../../src/telemetry/telemetry.js';
import { createServer, type Server, type ServerOptions } from '../../../src/web/server.js';
import { checkpoint, stateOf, statistics } from '../telemetry/states.js';
import { thrown } from '../tensors/thrown.js';
import { readEvents } from './sse-client.js';

const STATE = stateOf(checkpoint('a', 200, 5000), checkpoint('b', 200, 6000), statistics('tpp', 'n=20'));

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<ServerOptions> = {}): Promise<Server> {
  const { registry } = createTelemetry({ state: () => STATE });
  const server = await createServer({ state$: of(STATE), registry, port: 0, throttleMs: 10, ...options });
  servers.push(server);
  return server;
}

const get = (server: Server, url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ method: 'GET', url, headers });

describe('the page and its files', () => {
  it('serves the page, with headers that let it load nothing from elsewhere', async () => {
    const response = await get(await start(), '/');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/html');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(response.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  });

  it('refers to no other host, and to no file that it does not serve', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'discern-page-'));
    const server = await start();
    const html = (await get(server, '/')).body;
    const links = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((link) => !link.startsWith('/assets/'))).toEqual([]);
    // Compiled on build: stands here for the module beside the style sheet.
    writeFileSync(join(folder, 'main.js'), 'export {};');
    const compiled = await start({ page: folder });
    for (const link of links) {
      const from = link.endsWith('main.js') ? compiled : server;
      expect([link, (await get(from, link)).statusCode]).toEqual([link, 200]);
    }
  });

  it("serves uPlot from its package and nothing else of the package or of the server's own folder", async () => {
    const server = await start();
    const module = await get(server, '/assets/vendor/uPlot.esm.js');
    expect(module.statusCode).toBe(200);
    expect(module.headers['content-type']).toContain('javascript');
    for (const path of [
      '/assets/vendor/uPlot.d.ts',
      '/assets/tsconfig.json',
      '/assets/main.ts',
      '/assets/%2e%2e/server.ts',
    ])
      expect([path, (await get(server, path)).statusCode]).not.toEqual([path, 200]);
  });
});

describe('/runbooks', () => {
  // As the build leaves it.
  const page = fileURLToPath(new URL('../../../dist/src/web/page/', import.meta.url));

  it('has the page that an alert links to', async () => {
    const response = await get(await start({ page }), '/runbooks/DiscernDown');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/html');
    expect(response.body).toContain('<h2>Mitigation</h2>');
  });

  it.each(['/runbooks/DiscernUp', '/runbooks/..%2Findex', '/runbooks/'])('has no %s', async (path) => {
    const { statusCode } = await get(await start({ page }), path);
    expect(statusCode).toBeGreaterThanOrEqual(400);
    expect(statusCode).toBeLessThan(500);
  });
});

describe('/api', () => {
  it('gives a snapshot of panels, runs and what is known of each metric', async () => {
    const overview = (await get(await start(), '/api/state')).json<{ panels: unknown[] }>();
    expect(overview.panels).toMatchObject([
      {
        name: 'p',
        runs: [
          { run: 'a', step: 200, tokens: 2000, lastCheckpointAt: 5000, finished: false },
          { run: 'b', step: 200 },
        ],
        metrics: [
          {
            key: 'tpp|n=20',
            revision: 1,
            step: 200,
            runs: 2,
            lowest: 0.3,
            highest: 0.6,
            pooledSd: 0.02,
            detectable: { 1: 0.062, 5: 0.028 },
            snr: 10,
            resolvedPairs: 1,
            rankStability: -1,
            trend: 0,
          },
        ],
      },
    ]);
  });

  it('gives the curves of a metric with their error bands', async () => {
    const response = await get(await start(), '/api/metric?panel=p&metric=tpp&param=n%3D20');
    const details = response.json<{ curves: { points: { half95: number }[] }[]; steps: unknown[] }>();
    expect(details).toMatchObject({ panel: 'p', key: 'tpp|n=20', revision: 1 });
    expect(details.curves).toMatchObject([
      { run: 'a', points: [{ step: 100, mean: 0.5, seeds: 4, stderr: 0.01 }, { step: 200 }] },
      { run: 'b', points: [{ step: 100 }, { step: 200 }] },
    ]);
    // t(0.975, 3) = 3.182446
    expect(details.curves[0].points[0].half95).toBeCloseTo(0.03182446, 7);
    expect(details.steps).toMatchObject([
      { step: 100, tokens: 1000, runs: 2, snr: 3, resolvedPairs: 0.5 },
      { step: 200 },
    ]);
  });

  it('says what is missing for a metric it does not have, and what a request lacks', async () => {
    const server = await start();
    const unknown = await get(server, '/api/metric?panel=p&metric=nope');
    expect([unknown.statusCode, unknown.body]).toEqual([404, expect.stringContaining("metric 'nope'")]);
    expect((await get(server, '/api/metric?panel=p')).statusCode).toBe(400);
  });

  it('keeps answers out of caches', async () => {
    expect((await get(await start(), '/api/state')).headers['cache-control']).toBe('no-store');
  });
});

describe('/metrics', () => {
  it('answers in the format that is asked for', async () => {
    const server = await start();
    const text = await get(server, '/metrics');
    expect(text.headers['content-type']).toContain('text/plain');
    expect(text.body).toContain('discern_run_step{panel="p",run="a"} 200');
    const open = await get(server, '/metrics', { accept: 'application/openmetrics-text; version=1.0.0' });
    expect(open.headers['content-type']).toContain('application/openmetrics-text');
  });
});

describe('health', () => {
  it('is alive while it answers, and ready when every check is', async () => {
    const server = await start({ health: () => [{ name: 'log', ok: true }] });
    expect((await get(server, '/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await get(server, '/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([200, { ready: true, checks: [{ name: 'log', ok: true }] }]);
  });

  it('is not ready when a check fails, throws, or the pipelines have failed', async () => {
    const failing = await start({ health: () => [{ name: 'log', ok: false, detail: 'no broker' }] });
    expect((await get(failing, '/readyz')).statusCode).toBe(503);
    const throwing = await start({ health: () => Promise.reject(new Error('no broker')) });
    expect((await get(throwing, '/readyz')).json()).toMatchObject({ ready: false, checks: [{ detail: 'no broker' }] });
    const broken = await start({
      state$: concat(
        of(STATE),
        throwError(() => new Error('log lost')),
      ),
    });
    const response = await get(broken, '/readyz');
    expect([response.statusCode, response.body]).toEqual([503, expect.stringContaining('log lost')]);
    expect((await get(broken, '/api/state')).json()).toMatchObject({ panels: [{ name: 'p' }] });
  });
});

describe('the token', () => {
  it('is asked for by everything but the page and the health checks', async () => {
    const server = await start({ token: 'correct horse' });
    for (const path of ['/api/state', '/api/metric?panel=p&metric=tpp', '/api/events', '/metrics'])
      expect([path, (await get(server, path)).statusCode]).toEqual([path, 401]);
    for (const path of ['/', '/assets/style.css', '/healthz', '/readyz'])
      expect([path, (await get(server, path)).statusCode]).toEqual([path, 200]);
  });

  it('is taken as a bearer token, and no other is', async () => {
    const server = await start({ token: 'correct horse' });
    expect((await get(server, '/metrics', { authorization: 'Bearer correct horse' })).statusCode).toBe(200);
    expect((await get(server, '/metrics', { authorization: 'Bearer wrong' })).statusCode).toBe(401);
    expect((await get(server, '/metrics', { authorization: 'Bearer ' })).statusCode).toBe(401);
  });

  it('is traded for a cookie that scripts cannot read and that is not the token', async () => {
    const server = await start({ token: 'correct horse' });
    const trade = (token: unknown) => server.app.inject({ method: 'POST', url: '/api/session', payload: { token } });
    const cookie = String((await trade('correct horse')).headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain('correct');
    expect((await get(server, '/api/state', { cookie: cookie.split(';')[0] })).statusCode).toBe(200);
    expect((await get(server, '/api/state', { cookie: 'discern_session=0' })).statusCode).toBe(401);
    expect((await trade('wrong')).statusCode).toBe(401);
    expect((await trade(undefined)).statusCode).toBe(400);
  });
});

describe('listening', () => {
  it('is on 127.0.0.1 unless told otherwise', async () => {
    expect(await (await start()).listen()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('closes while browsers watch, and ends their streams', async () => {
    const server = await start({ state$: new BehaviorSubject(STATE) });
    const events = readEvents(`${await server.listen()}/api/events`);
    expect((await events.next()).value).toMatchObject({ event: 'snapshot' });
    await server.close();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

describe('an address', () => {
  it('that is taken is refused by a typed error that says what to do', async () => {
    const first = await start();
    const { port } = new URL(await first.listen());
    const second = await start({ port: Number(port) });
    expect(await thrown(second.listen())).toMatchObject({
      code: 'ADDRESS_UNAVAILABLE',
      message: `127.0.0.1:${port} is taken by another process`,
      hint: expect.stringContaining('--http-port'),
    });
  });

  it('that is not of this machine is refused, too', async () => {
    // Reserved for documentation (RFC 5737): no machine has it.
    const error = await thrown((await start({ host: '192.0.2.1' })).listen());
    expect(error).toMatchObject({ code: 'ADDRESS_UNAVAILABLE', message: expect.stringContaining('192.0.2.1:0') });
  });
});
