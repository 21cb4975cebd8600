import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../tls.js';
import { describeWithTool } from '../../tool.js';
import { inTemporaryFolder } from '../log/temporary.js';
import { claimOf, redeeming } from './claims.js';
import { withServer } from './http-server.js';

const CONTENT = randomBytes(200_000);

/** Sends the content, after so many answers of another kind. */
function after(count: number, other: (response: ServerResponse, request: IncomingMessage) => void) {
  const state = { requests: 0 };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (state.requests++ < count) other(response, request);
    else response.end(CONTENT);
  };
  return { state, answer };
}

const always = (other: (response: ServerResponse, request: IncomingMessage) => void) => after(Infinity, other);

describe('a claim check of a web address', () => {
  it('is fetched from an allowed host, and gone when it is given up', () =>
    withServer(after(0, () => undefined).answer, ({ host, url }) =>
      redeeming(async ({ content, spooled }) => {
        expect((await content(claimOf(`${url}/w`, CONTENT), { hosts: [host] })).equals(CONTENT)).toBe(true);
        expect(await spooled()).toEqual([]);
      }),
    ));

  it('asks no host that is not allowed, and none by default', async () => {
    const { state, answer } = after(0, () => undefined);
    await withServer(answer, ({ url, host }) =>
      redeeming(async ({ redeem }) => {
        const claim = claimOf(`${url}/w`, CONTENT);
        for (const hosts of [[], ['127.0.0.1'], ['localhost'], [host.replace('127', '128')], [`*.${host}`]])
          await expect(redeem(claim, { hosts })).rejects.toMatchObject({
            code: 'WEIGHTS_FORBIDDEN',
            hint: expect.stringContaining('weights.hosts'),
          });
      }),
    );
    expect(state.requests).toBe(0);
  });

  it('follows redirects to allowed hosts, and to no others', () =>
    withServer(after(0, () => undefined).answer, (other) =>
      withServer(always((response) => response.writeHead(302, { location: `${other.url}/w` }).end()).answer, (first) =>
        redeeming(async ({ content, redeem }) => {
          const claim = claimOf(`${first.url}/w`, CONTENT);
          expect((await content(claim, { hosts: [first.host, other.host] })).equals(CONTENT)).toBe(true);
          const refused = redeem(claim, { hosts: [first.host] });
          await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
          await expect(refused).rejects.toThrow(other.host);
        }),
      ),
    ));

  it.each(['file:///etc/passwd', 'http://', 'ftp://host/w'])('follows no redirect to %s', (location) =>
    withServer(always((response) => response.writeHead(302, { location }).end()).answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host] });
        await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
      }),
    ),
  );

  it('gives up redirects that go round in circles', () =>
    withServer(always((response) => response.writeHead(307, { location: '/w' }).end()).answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host] });
        await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
        await expect(refused).rejects.toThrow('redirects');
      }),
    ));

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (content: Buffer) => content],
  ])('has the digest of the file although the server sends it as %s, which is not asked for', (encoding, pack) => {
    const asked: (string | undefined)[] = [];
    const { answer } = always((response, { headers }) => {
      asked.push(headers['accept-encoding']?.toString());
      response.writeHead(200, { 'content-encoding': encoding }).end(pack(CONTENT));
    });
    return withServer(answer, ({ host, url }) =>
      redeeming(async ({ content }) => {
        expect((await content(claimOf(`${url}/w`, CONTENT), { hosts: [host] })).equals(CONTENT)).toBe(true);
        expect(asked).toEqual(['identity']);
      }),
    );
  });

  it('is refused in an encoding nobody knows', () =>
    withServer(
      always((response) => response.writeHead(200, { 'content-encoding': 'rot13' }).end(CONTENT)).answer,
      ({ host, url }) =>
        redeeming(async ({ redeem }) => {
          const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host] });
          await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
          await expect(refused).rejects.toThrow('rot13');
        }),
    ));

  it('is refused when size or content differ, and leaves nothing on disk', () =>
    withServer(after(0, () => undefined).answer, ({ host, url }) =>
      redeeming(async ({ redeem, spooled }) => {
        const claim = claimOf(`${url}/w`, CONTENT);
        const other = createHash('sha256').update('other').digest('hex');
        for (const wrong of [{ bytes: 199_999 }, { bytes: 200_001 }, { sha256: other }])
          await expect(redeem({ ...claim, ...wrong }, { hosts: [host] })).rejects.toMatchObject({
            code: 'WEIGHTS_HASH_MISMATCH',
          });
        expect(await spooled()).toEqual([]);
      }),
    ));

  it('is not unpacked beyond the claimed size', () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const { answer } = always((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    return withServer(answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host] });
        await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_HASH_MISMATCH' });
        await expect(refused).rejects.toThrow('has more');
      }),
    );
  });

  it('is refused unasked when it claims to be larger than allowed', async () => {
    const { state, answer } = after(0, () => undefined);
    await withServer(answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host], maxBytes: 100_000 });
        await expect(refused).rejects.toMatchObject({ code: 'CHECKPOINT_TOO_LARGE' });
      }),
    );
    expect(state.requests).toBe(0);
  });

  it.each([
    ['a server that is busy', (response: ServerResponse) => response.writeHead(503).end()],
    ['a connection that breaks before the answer', (response: ServerResponse) => response.destroy()],
    [
      'a connection that breaks within the file',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': CONTENT.byteLength });
        response.write(CONTENT.subarray(0, 100_000), () => response.destroy());
      },
    ],
    [
      'a connection that breaks within chunks',
      (response: ServerResponse) => response.write(CONTENT.subarray(0, 100_000), () => response.destroy()),
    ],
  ])('is tried again after %s', async (_, fail) => {
    const { state, answer } = after(3, fail);
    await withServer(answer, ({ host, url }) =>
      redeeming(async ({ content, spooled }) => {
        expect((await content(claimOf(`${url}/w`, CONTENT), { hosts: [host] })).equals(CONTENT)).toBe(true);
        expect(await spooled()).toEqual([]);
      }),
    );
    expect(state.requests).toBe(4);
  });

  it.each([
    [503, 4],
    [404, 1],
    [403, 1],
  ])('is given up after a server has answered %i %i times', async (status, times) => {
    const { state, answer } = always((response) => response.writeHead(status).end());
    await withServer(answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host] });
        await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
        await expect(refused).rejects.toThrow(`answers ${status}`);
      }),
    );
    expect(state.requests).toBe(times);
  });

  it('is tried again when nothing comes for a while', async () => {
    const { state, answer } = after(1, (response) => response.write(CONTENT.subarray(0, 1000)));
    await withServer(answer, ({ host, url }) =>
      redeeming(async ({ content }) => {
        const policy = { hosts: [host], idleMs: 300 };
        expect((await content(claimOf(`${url}/w`, CONTENT), policy)).equals(CONTENT)).toBe(true);
      }),
    );
    expect(state.requests).toBe(2);
  });

  it('is given up when it comes in drips', async () => {
    const dripping: NodeJS.Timeout[] = [];
    const { answer } = always((response) => {
      dripping.push(setInterval(() => response.write('x'), 20));
    });
    await withServer(answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host], timeoutMs: 500 });
        await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
        await expect(refused).rejects.toThrow('not fetched in 0.5 s');
      }),
    );
    dripping.forEach((timer) => clearInterval(timer));
    expect(dripping.length).toBe(1);
  });

  it('is given up when nobody wants it any more', async () => {
    const wanted = new AbortController();
    const { state, answer } = always((response) => response.write('x', () => wanted.abort()));
    await withServer(answer, ({ host, url }) =>
      redeeming(async ({ redeem, spooled }) => {
        await expect(redeem(claimOf(`${url}/w`, CONTENT), { hosts: [host] }, wanted.signal)).rejects.toThrow(
          'no longer wanted',
        );
        expect(await spooled()).toEqual([]);
      }),
    );
    expect(state.requests).toBe(1);
  });

  it('shows nobody the query of a signed address, nor takes a password in one', () =>
    withServer(always((response) => response.writeHead(403).end()).answer, ({ host, url }) =>
      redeeming(async ({ redeem }) => {
        const signed = redeem(claimOf(`${url}/w?signature=hunter2`, CONTENT), { hosts: [host] });
        await expect(signed).rejects.toThrow(`${url}/w?…`);
        await expect(signed).rejects.not.toThrow('hunter2');
        const withPassword = redeem(claimOf(`http://user:hunter2@${host}/w`, CONTENT), { hosts: [host] });
        await expect(withPassword).rejects.toMatchObject({ code: 'WEIGHTS_FORBIDDEN' });
        await expect(withPassword).rejects.not.toThrow('hunter2');
      }),
    ));

  it('says when nobody listens', () =>
    redeeming(async ({ redeem }) => {
      const refused = redeem(claimOf('http://127.0.0.1:1/w', CONTENT), { hosts: ['127.0.0.1:1'] });
      await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
      await expect(refused).rejects.toThrow('ECONNREFUSED');
    }));
});

describeWithTool('openssl', 'a claim check of a web address with TLS', () => {
  it('is refused, and not tried again, where the certificate is not to be trusted', () =>
    inTemporaryFolder(async (dir) => {
      const { cert, key } = selfSigned(dir, 'nobody');
      const server = createTlsServer({ cert: await readFile(cert), key: await readFile(key) });
      let connections = 0;
      server.on('connection', () => connections++);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await redeeming(async ({ redeem }) => {
        const refused = redeem(claimOf(`https://${host}/w`, CONTENT), { hosts: [host] });
        await expect(refused).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
        await expect(refused).rejects.toThrow('self-signed certificate');
      });
      server.close();
      expect(connections).toBe(1);
    }));
});
