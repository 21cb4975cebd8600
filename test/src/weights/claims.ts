import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSpool } from '../../../src/log/spool.js';
import { claimChecks } from '../../../src/weights/claim-check.js';
import type { WeightsPolicy } from '../../../src/weights/policy.js';
import type { RedeemedWeights, WeightsClaim } from '../../../src/weights/source.js';
import { inTemporaryFolder } from '../log/temporary.js';

/** Nothing but any file is allowed; failures are tried again soon. */
export const POLICY: WeightsPolicy = {
  hosts: [],
  buckets: [],
  s3: {},
  maxBytes: 1e6,
  timeoutMs: 10_000,
  idleMs: 5_000,
  retryDelayMs: 1,
};

export function claimOf(uri: string, content: Uint8Array): WeightsClaim {
  return { uri, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') };
}

export interface Redeeming {
  /** What is fetched, and then given up. */
  readonly content: (claim: WeightsClaim, policy?: Partial<WeightsPolicy>) => Promise<Buffer>;
  readonly redeem: (
    claim: WeightsClaim,
    policy?: Partial<WeightsPolicy>,
    signal?: AbortSignal,
  ) => Promise<RedeemedWeights>;
  /** Files that are in the spool. */
  readonly spooled: () => Promise<readonly string[]>;
}

export function redeeming<T>(test: (redeeming: Redeeming) => Promise<T>): Promise<T> {
  return inTemporaryFolder(async (dir) => {
    const spool = await openSpool(dir);
    const redeem: Redeeming['redeem'] = async (claim, policy = {}, signal = new AbortController().signal) =>
      claimChecks({ ...POLICY, ...policy }, spool).redeem(claim, signal);
    const spooled = async (): Promise<readonly string[]> => {
      const [own] = await readdir(dir);
      return readdir(join(dir, own));
    };
    const content: Redeeming['content'] = async (claim, policy) => {
      const weights = await redeem(claim, policy);
      const bytes = await readFile(weights.path);
      await weights.release();
      return bytes;
    };
    try {
      return await test({ content, redeem, spooled });
    } finally {
      await spool.close();
    }
  });
}
