import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { DiscernError } from '../errors.js';
import { assertPublic, lookupPublic } from './addresses.js';
import { TransientFailure, type OpenRemote } from './download.js';
import { judgeHost, type WeightsPolicy } from './policy.js';
import { shown } from './source.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/** Statuses after which the same request may succeed. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Files on web servers. Redirects are followed to allowed hosts only. */
export function openHttp({ hosts }: Pick<WeightsPolicy, 'hosts'>): OpenRemote {
  return async (from, signal) => {
    let url = from;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await get(url, hosts, signal);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) {
        const length = headers['content-length'];
        return {
          stream: response,
          encoding: headers['content-encoding'],
          bytes: length === undefined ? undefined : Number(length),
        };
      }
      response.destroy();
      const { location } = headers;
      if (!REDIRECTS.has(statusCode) || location === undefined) throw refused(url, statusCode);
      url = target(url, location);
    }
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${shown(from)}: more than ${MAX_REDIRECTS} redirects`);
  };
}

function get(url: URL, hosts: readonly string[], signal: AbortSignal): Promise<IncomingMessage> {
  const verdict = judgeHost(url, hosts);
  if (verdict === 'forbidden') throw forbidden(url, hosts);
  if (url.username !== '' || url.password !== '')
    throw new DiscernError('WEIGHTS_FORBIDDEN', `${shown(url)}: the URI has a user name or password in it`);
  if (verdict === 'public') assertPublic(url.hostname);
  const options: RequestOptions = {
    // The digest is that of the file, so nobody needs to compress it on the way.
    headers: { 'accept-encoding': 'identity', 'user-agent': 'discern' },
    agent: false,
    signal,
    ...(verdict === 'public' ? { lookup: lookupPublic } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestTls(url, options) : requestPlain(url, options);
    request.on('response', resolve);
    request.on('error', (error) => reject(failed(url, error)));
    request.end();
  });
}

function target(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new DiscernError('WEIGHTS_FORBIDDEN', `${shown(from)}: redirects to what is no web address`);
}

function forbidden(url: URL, hosts: readonly string[]): DiscernError {
  const allowed = hosts.length === 0 ? 'none is allowed' : `allowed: ${hosts.join(', ')}`;
  return new DiscernError('WEIGHTS_FORBIDDEN', `${shown(url)}: not an allowed host (${allowed})`, {
    hint: `Add ${url.host} to weights.hosts in discern.yaml if its checkpoints are to be trusted.`,
  });
}

function refused(url: URL, status: number): DiscernError | TransientFailure {
  const error = new DiscernError('WEIGHTS_UNREACHABLE', `${shown(url)}: the server answers ${status}`, {
    hint: 'Does the file still exist, and may it be read without signing in?',
  });
  return PASSING.has(status) ? new TransientFailure(error) : error;
}

/** Certificates do not become valid by asking again. */
const CERTIFICATE = /CERT|SIGNATURE|^ERR_TLS|SELF_SIGNED/;

function failed(url: URL, cause: Error): DiscernError | TransientFailure {
  if (cause instanceof DiscernError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const reason = cause.message === '' ? code : cause.message;
  const error = new DiscernError('WEIGHTS_UNREACHABLE', `${shown(url)}: ${reason}`, { cause });
  return CERTIFICATE.test(code) ? error : new TransientFailure(error);
}
