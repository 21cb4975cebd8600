import { DiscernError } from '../errors.js';
import type { Spool } from '../log/spool.js';
import { fromRemote } from './download.js';
import { fromFile } from './file.js';
import { openHttp } from './http.js';
import type { WeightsPolicy } from './policy.js';
import { s3Opener } from './s3.js';
import { shown, type ClaimChecks, type RedeemedWeights, type WeightsClaim, type WeightsSource } from './source.js';

/**
 * Redeems claim checks of `file:`, `http:`, `https:` and `s3:` URIs, as far as the policy allows.
 *
 * @param spool where weights that are fetched are put until they are released
 */
export function claimChecks(policy: WeightsPolicy, spool: Spool): ClaimChecks {
  const http = fromRemote(policy, spool, openHttp(policy));
  const sources: Readonly<Record<string, WeightsSource | undefined>> = {
    'file:': fromFile(policy),
    'http:': http,
    'https:': http,
    's3:': fromRemote(policy, spool, s3Opener(policy)),
  };
  return {
    redeem(claim: WeightsClaim, signal: AbortSignal): Promise<RedeemedWeights> {
      const url = parse(claim.uri);
      const source = sources[url.protocol];
      if (source === undefined)
        throw new DiscernError(
          'WEIGHTS_UNREACHABLE',
          `${shown(url)}: no reader for ${url.protocol} (known: ${Object.keys(sources).join(' ')})`,
        );
      return source(claim, url, signal);
    },
  };
}

function parse(uri: string): URL {
  try {
    return new URL(uri);
  } catch (error) {
    throw new DiscernError('WEIGHTS_UNREACHABLE', `${uri}: not a URI`, { cause: error });
  }
}
