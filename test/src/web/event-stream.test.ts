import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createRegistry } from '../../../src/telemetry/registry.js';
import { BehaviorSubject, Subject } from 'rxjs';
import { foldObservation } from '../../../src/telemetry/fold-observation.js';
import type { Observation, ObservedState } from '../../../src/telemetry/observed-state.js';
import { eventStream } from '../../../src/web/event-stream.js';
import { createServer, type Server, type ServerOptions } from '../../../src/web/server.js';
import { createStateView } from '../../../src/web/state-view.js';
import { LIMITS, checkpoint, stateOf, statistics } from '../telemetry/states.js';
import { readEvents } from './sse-client.js';

let server: Server | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(states: BehaviorSubject<ObservedState>, options: Partial<ServerOptions> = {}): Promise<string> {
  server = await createServer({ state$: states, registry: createRegistry(), port: 0, throttleMs: 20, ...options });
  return `${await server.listen()}/api/events`;
}

const follow = (states: BehaviorSubject<ObservedState>, observation: Observation): void =>
  states.next(foldObservation(states.value, observation, LIMITS));

describe('/api/events', () => {
  it('sends a snapshot, then only what changed', async () => {
    const states = new BehaviorSubject(stateOf(checkpoint('a', 100), statistics('tpp', 'n=20'), statistics('l0', '')));
    const events = readEvents(await serve(states));
    const snapshot = (await events.next()).value;
    expect(snapshot).toMatchObject({
      event: 'snapshot',
      data: { panels: [{ metrics: [{ key: 'tpp|n=20' }, { key: 'l0|' }] }] },
    });
    follow(states, statistics('tpp', 'n=20'));
    const update = (await events.next()).value;
    expect(update?.event).toBe('update');
    expect(update?.data).toEqual({
      at: expect.any(Number),
      panels: [{ name: 'p', metrics: [expect.objectContaining({ key: 'tpp|n=20', revision: 2 })] }],
    });
    await events.return(undefined);
  });

  it('joins what happens within the throttle into one update', async () => {
    const states = new BehaviorSubject(stateOf(checkpoint('a', 1)));
    const events = readEvents(await serve(states, { throttleMs: 200 }));
    await events.next();
    follow(states, checkpoint('a', 2));
    await events.next();
    for (let step = 3; step <= 50; step++) follow(states, checkpoint('a', step));
    const update = (await events.next()).value;
    expect(update?.data).toMatchObject({ panels: [{ runs: [{ step: 50 }] }] });
    await events.return(undefined);
  });

  it('sends a comment when nothing happens, so that the connection stays', async () => {
    const events = readEvents(await serve(new BehaviorSubject(stateOf()), { heartbeatMs: 20 }));
    await events.next();
    expect((await events.next()).value).toEqual({ event: 'comment', data: 'heartbeat' });
    await events.return(undefined);
  });

  it('tells one browser too many to come back later, and has room once another has left', async () => {
    const url = await serve(new BehaviorSubject(stateOf()), { maxClients: 1, heartbeatMs: 20 });
    const events = readEvents(url);
    await events.next();
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
    await events.return(undefined);
    await expect(eventually(async () => (await readEvents(url).next()).value?.event)).resolves.toBe('snapshot');
  });

  it('notices a client that leaves without a word', async () => {
    const url = await serve(new BehaviorSubject(stateOf()), { maxClients: 1, heartbeatMs: 60_000 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    expect((await fetch(url)).status).toBe(503);
    socket.destroy();
    await expect(eventually(async () => (await readEvents(url).next()).value?.event)).resolves.toBe('snapshot');
  });
});

describe('eventStream', () => {
  it('asks for nothing while the client does not read, and then skips to the latest state', async () => {
    const states = new BehaviorSubject(stateOf(checkpoint('a', 1)));
    const plain = createStateView(() => undefined);
    const closed = new Subject<void>();
    let updates = 0;
    const view = { ...plain, update: (...args: Parameters<typeof plain.update>) => (updates++, plain.update(...args)) };
    const stream = eventStream({ states, view, closed, throttleMs: 0, heartbeatMs: 60_000 });
    for (let step = 2; step <= 20_000; step++) {
      follow(states, checkpoint('a', step));
      if (step % 1000 === 0) await sleep(1);
    }
    expect(updates).toBe(0);
    expect(stream.readableLength).toBe(0);
    const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await iterator.next();
    expect(String(first.value)).toContain('event: snapshot');
    expect(String(first.value)).toContain('"step":20000');
    closed.next();
    stream.destroy();
  });

  it('ends when the server closes', async () => {
    const closed = new Subject<void>();
    const view = createStateView(() => undefined);
    const states = new BehaviorSubject(stateOf());
    const stream = eventStream({ states, view, closed, throttleMs: 60_000, heartbeatMs: 60_000 });
    const received: string[] = [];
    stream.on('data', (chunk: Buffer) => received.push(String(chunk)));
    await once(stream, 'data');
    expect(states.observed).toBe(true);
    closed.next();
    await once(stream, 'end');
    expect(received.map((text) => /^event: (.*)$/m.exec(text)?.[1])).toEqual(['snapshot']);
    expect([states.observed, closed.observed]).toEqual([false, false]);
  });
});

async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await attempt().catch(() => undefined);
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error('it never happened');
}
