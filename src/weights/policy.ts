/** What a manifest may make the evaluator read. Of hosts and buckets nothing is allowed that is not named. */
export interface WeightsPolicy {
  /** Folders that `file:` URIs may point into; undefined: anywhere. */
  readonly roots?: readonly string[];
  /** `host`, `host:port` or `*.domain`, as {@link HOST_PATTERN} has it. */
  readonly hosts: readonly string[];
  /** `bucket` or `bucket/prefix`. */
  readonly buckets: readonly string[];
  readonly s3: S3Settings;
  /** Largest file that is fetched. */
  readonly maxBytes: number;
  /** How long one attempt to fetch a file may take. */
  readonly timeoutMs: number;
  /** How long a source may send nothing; 30 seconds by default. */
  readonly idleMs?: number;
  /** Before the second attempt; doubles with each. 500 ms by default. */
  readonly retryDelayMs?: number;
}

export interface S3Settings {
  /** Of a store that is not Amazon's. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Whether the bucket stands in the path instead of the host; by default where there is an endpoint. */
  readonly pathStyle?: boolean;
}

export const HOST_PATTERN = /^(?<wildcard>\*\.)?(?<name>\[[0-9a-f:.]+\]|[^\s:/*[\]]+)(?::(?<port>\d{1,5}))?$/i;
export const BUCKET_PATTERN = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/\S*)?$/;

/** Whether a host may be asked, and whether it may be one of this network or machine. */
export type HostVerdict = 'forbidden' | 'public' | 'anywhere';

/**
 * A host that is named may have any address. One that only falls under `*.domain` may not have a private one: who
 * owns a name there could point it at this network.
 */
export function judgeHost({ protocol, hostname, port }: URL, hosts: readonly string[]): HostVerdict {
  let verdict: HostVerdict = 'forbidden';
  for (const allowed of hosts) {
    const parts: Partial<Record<string, string>> = HOST_PATTERN.exec(allowed.toLowerCase())?.groups ?? {};
    const { wildcard, name, port: allowedPort } = parts;
    if (portOf(protocol, port) !== portOf(protocol, allowedPort ?? '')) continue;
    if (wildcard === undefined && hostname === name) return 'anywhere';
    if (wildcard !== undefined && hostname.endsWith(`.${name}`)) verdict = 'public';
  }
  return verdict;
}

function portOf(protocol: string, port: string): string {
  return port !== '' ? port : protocol === 'https:' ? '443' : '80';
}

export function isBucketAllowed(bucket: string, key: string, buckets: readonly string[]): boolean {
  return buckets.some((allowed) => {
    const at = allowed.indexOf('/');
    if (at < 0) return bucket === allowed;
    const prefix = allowed.slice(at + 1).replace(/\/*$/, '/');
    return bucket === allowed.slice(0, at) && (prefix === '/' || key.startsWith(prefix));
  });
}
