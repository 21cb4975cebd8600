import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export const ACCESS_KEY = 'AKIDTEST';
export const SECRET_KEY = 'a-secret-of-the-test';

export type S3Object = Buffer | ((response: ServerResponse) => void);

/**
 * An S3-compatible store of objects by `bucket/key` with the bucket in the path. It checks the signature of each request
 * (AWS Signature Version 4, as Amazon describes it), and its time.
 */
export function s3Store(objects: ReadonlyMap<string, S3Object>): RequestListener {
  return (request, response) => {
    const refused = signatureFault(request);
    if (refused !== undefined) return answerError(response, 403, 'SignatureDoesNotMatch', refused);
    const { pathname } = new URL(request.url ?? '/', 'http://store');
    const object = objects.get(decodeURIComponent(pathname.slice(1)));
    if (request.method !== 'GET' || object === undefined) return answerError(response, 404, 'NoSuchKey', pathname);
    if (typeof object === 'function') object(response);
    else response.writeHead(200, { 'content-length': object.byteLength }).end(object);
  };
}

export function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

function signatureFault(request: IncomingMessage): string | undefined {
  const { headers } = request;
  const match = AUTHORIZATION.exec(headers.authorization ?? '');
  if (match === null) return 'no signature of version 4';
  const [, accessKey, day, region, signedHeaders, signature] = match;
  const time = String(headers['x-amz-date']);
  if (accessKey !== ACCESS_KEY || !time.startsWith(day)) return 'another key or day';
  if (!signedHeaders.split(';').includes('host')) return 'the host is not signed';
  const [path, query = ''] = (request.url ?? '').split('?');
  const canonical = [
    request.method,
    path,
    query.split('&').sort().join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signedHeaders,
    String(headers['x-amz-content-sha256']),
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${SECRET_KEY}`);
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex')) ? undefined : 'the signature does not match';
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
