import type { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import { DiscernError } from '../errors.js';
import { TransientFailure, type OpenRemote } from './download.js';
import { isBucketAllowed, type WeightsPolicy } from './policy.js';
import { shown } from './source.js';

type Sdk = typeof S3;

/**
 * Objects of Amazon S3, or of a store that speaks its protocol.
 *
 * Amazon's own library finds credentials and region wherever its other tools do (environment, shared configuration
 * files, single sign-on, web identity, container, instance). It is loaded with the first claim.
 */
export function s3Opener(policy: Pick<WeightsPolicy, 'buckets' | 's3'>): OpenRemote {
  let connecting: Promise<Connection> | undefined;
  return async (url, signal) => {
    const { bucket, key } = locate(url);
    if (!isBucketAllowed(bucket, key, policy.buckets)) throw forbidden(url, bucket, policy.buckets);
    connecting ??= connect(policy).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    const { sdk, client } = await connecting;
    try {
      const get = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
      const { Body, ContentEncoding, ContentLength } = await client.send(get, { abortSignal: signal });
      // In Node, a body always is a stream.
      return { stream: Body as Readable, encoding: ContentEncoding, bytes: ContentLength };
    } catch (error) {
      throw failed(url, error);
    }
  };
}

interface Connection {
  readonly sdk: Sdk;
  readonly client: S3.S3Client;
}

const CONNECTION_TIMEOUT_MS = 10_000;

async function connect({ s3 }: Pick<WeightsPolicy, 's3'>): Promise<Connection> {
  const sdk = await load();
  const { endpoint, region, pathStyle = endpoint !== undefined } = s3;
  const client = new sdk.S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: pathStyle,
    // What has to be tried again is, for every kind of source alike; and the digest is the manifest's.
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS },
  });
  return { sdk, client };
}

async function load(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (error) {
    throw new DiscernError('WEIGHTS_UNREACHABLE', 's3: needs the package @aws-sdk/client-s3, which cannot be loaded', {
      cause: error,
      hint: 'Install it beside Discern: npm install @aws-sdk/client-s3.',
    });
  }
}

function locate(url: URL): { bucket: string; key: string } {
  const key = decode(url.pathname.slice(1));
  if (key === undefined || key === '' || url.host === '')
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${shown(url)}: expected s3://bucket/key`);
  // A server may take these for folders, and so leave the prefix that is allowed.
  if (key.split('/').some((part) => part === '.' || part === '..'))
    throw new DiscernError('WEIGHTS_FORBIDDEN', `${shown(url)}: a key with . or .. between slashes`);
  return { bucket: url.host, key };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function forbidden(url: URL, bucket: string, buckets: readonly string[]): DiscernError {
  const allowed = buckets.length === 0 ? 'none is allowed' : `allowed: ${buckets.join(', ')}`;
  return new DiscernError('WEIGHTS_FORBIDDEN', `${shown(url)}: not an allowed bucket (${allowed})`, {
    hint: `Add ${bucket} to weights.buckets in discern.yaml if its checkpoints are to be trusted.`,
  });
}

/** What the library's errors have, as far as it matters here. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Errors of the configuration, which stay. */
const LASTING = /^(CredentialsProviderError|TokenProviderError|InvalidEndpoint|EndpointError)$|Region is missing/;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Region is missing/, 'Set weights.s3.region in discern.yaml, or AWS_REGION.'],
  [
    /CredentialsProvider|TokenProvider/,
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.',
  ],
  [/AccessDenied|Forbidden|InvalidAccessKeyId|SignatureDoesNotMatch/, 'The credentials need s3:GetObject on it.'],
];

function failed(url: URL, cause: unknown): DiscernError | TransientFailure {
  const { name, message, $metadata } = cause as SdkError;
  const status = $metadata?.httpStatusCode;
  const what = `${name}: ${message}`;
  const hint = HINTS.find(([pattern]) => pattern.test(what))?.[1];
  const error = new DiscernError('WEIGHTS_UNREACHABLE', `${shown(url)}: ${what}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
  const lasts = LASTING.test(name) || LASTING.test(message);
  const passes = status === undefined ? !lasts : status >= 500 || status === 429 || status === 408;
  return passes ? new TransientFailure(error) : error;
}
