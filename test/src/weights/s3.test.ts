import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WeightsPolicy } from '../../../src/weights/policy.js';
import { claimOf, redeeming } from './claims.js';
import { withServer } from './http-server.js';
import { ACCESS_KEY, answerError, s3Store, SECRET_KEY, type S3Object } from './s3-server.js';

const CONTENT = randomBytes(200_000);

/** What Amazon's library reads, and nothing of whoever runs the test. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const before = { ...process.env };

beforeAll(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, ENVIRONMENT);
});
afterAll(() => {
  for (const name of Object.keys(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
});

const policy = (endpoint: string): Partial<WeightsPolicy> => ({
  buckets: ['saes/runs'],
  s3: { endpoint, region: 'eu-central-1' },
});

const store = (key: string, object: S3Object) => s3Store(new Map([[`saes/${key}`, object]]));

describe('a claim check of an S3 object', () => {
  it.each(['runs/a/sae_weights.safetensors', 'runs/größe 1+2/w=x&y.safetensors', 'runs/a%2Fb'])(
    'is fetched with a signature that the store can check: %s',
    (key) =>
      withServer(store(key, CONTENT), ({ url }) =>
        redeeming(async ({ content, spooled }) => {
          const uri = `s3://saes/${key.split('/').map(encodeURIComponent).join('/')}`;
          expect((await content(claimOf(uri, CONTENT), policy(url))).equals(CONTENT)).toBe(true);
          expect(await spooled()).toEqual([]);
        }),
      ),
  );

  it('is refused outside the allowed buckets and prefixes, without asking', () => {
    let requests = 0;
    return withServer(
      () => requests++,
      ({ url }) =>
        redeeming(async ({ redeem }) => {
          for (const uri of ['s3://saes/w', 's3://other/runs/w', 's3://saes/runs/../w', 's3://saes/runs/..%2Fw'])
            await expect(redeem(claimOf(uri, CONTENT), policy(url))).rejects.toMatchObject({
              code: 'WEIGHTS_FORBIDDEN',
            });
          await expect(redeem(claimOf('s3://saes/runs/w', CONTENT), {})).rejects.toMatchObject({
            code: 'WEIGHTS_FORBIDDEN',
            hint: expect.stringContaining('weights.buckets'),
          });
          expect(requests).toBe(0);
        }),
    );
  });

  it('has the digest of the file, whatever encodings the upload has left with it', () =>
    withServer(
      s3Store(
        new Map<string, S3Object>([
          [
            'saes/runs/gzip',
            (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(CONTENT)),
          ],
          [
            'saes/runs/chunked',
            (response) => response.writeHead(200, { 'content-encoding': 'aws-chunked' }).end(CONTENT),
          ],
        ]),
      ),
      ({ url }) =>
        redeeming(async ({ content }) => {
          for (const key of ['gzip', 'chunked'])
            expect((await content(claimOf(`s3://saes/runs/${key}`, CONTENT), policy(url))).equals(CONTENT)).toBe(true);
        }),
    ));

  it('is refused when its content is another one', () =>
    withServer(store('runs/w', randomBytes(200_000)), ({ url }) =>
      redeeming(async ({ redeem }) => {
        await expect(redeem(claimOf('s3://saes/runs/w', CONTENT), policy(url))).rejects.toMatchObject({
          code: 'WEIGHTS_HASH_MISMATCH',
        });
      }),
    ));

  it('is tried again when the store is busy or the connection breaks, and given up when it is not there', async () => {
    let requests = 0;
    const flaky: S3Object = (response) => {
      requests++;
      if (requests === 1) answerError(response, 503, 'SlowDown', 'later');
      else if (requests === 2) {
        response.writeHead(200, { 'content-length': CONTENT.byteLength });
        response.write(CONTENT.subarray(0, 100_000), () => response.destroy());
      } else response.end(CONTENT);
    };
    await withServer(store('runs/w', flaky), ({ url }) =>
      redeeming(async ({ content, redeem }) => {
        expect((await content(claimOf('s3://saes/runs/w', CONTENT), policy(url))).equals(CONTENT)).toBe(true);
        expect(requests).toBe(3);
        const missing = redeem(claimOf('s3://saes/runs/gone', CONTENT), policy(url));
        await expect(missing).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
        await expect(missing).rejects.toThrow('NoSuchKey');
      }),
    );
  });

  it('is given up when nothing comes', () =>
    withServer(
      store('runs/w', (response) => response.write(CONTENT.subarray(0, 1000))),
      ({ url }) =>
        redeeming(async ({ redeem }) => {
          const silent = redeem(claimOf('s3://saes/runs/w', CONTENT), { ...policy(url), idleMs: 200 });
          await expect(silent).rejects.toMatchObject({ code: 'WEIGHTS_UNREACHABLE' });
          await expect(silent).rejects.toThrow('nothing came for 0.2 s');
        }),
    ));

  it('is refused with what to do when the secret is wrong or there is none', () =>
    withServer(store('runs/w', CONTENT), ({ url }) =>
      redeeming(async ({ redeem }) => {
        process.env['AWS_SECRET_ACCESS_KEY'] = 'hunter2';
        const wrong = redeem(claimOf('s3://saes/runs/w', CONTENT), policy(url));
        await expect(wrong).rejects.toMatchObject({
          code: 'WEIGHTS_UNREACHABLE',
          hint: expect.stringContaining('s3:GetObject'),
        });
        await expect(wrong).rejects.not.toThrow('hunter2');
        delete process.env['AWS_SECRET_ACCESS_KEY'];
        await expect(redeem(claimOf('s3://saes/runs/w', CONTENT), policy(url))).rejects.toMatchObject({
          code: 'WEIGHTS_UNREACHABLE',
          hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY'),
        });
        Object.assign(process.env, ENVIRONMENT);
      }),
    ));
});
