import { DiscernError } from '../errors.js';
import { shown, type WeightsClaim } from './source.js';

/** @param found how many bytes there are, in words where it is not known exactly */
export function otherSize(claim: WeightsClaim, url: URL, found: number | string): DiscernError {
  return new DiscernError(
    'WEIGHTS_HASH_MISMATCH',
    `${shown(url)}: the manifest claims ${claim.bytes} bytes, the file has ${found}`,
    { hint: 'The file was overwritten or is still being written; publish the checkpoint again.' },
  );
}

export function otherDigest(claim: WeightsClaim, url: URL, found: string): DiscernError {
  return new DiscernError(
    'WEIGHTS_HASH_MISMATCH',
    `${shown(url)}: the manifest claims sha256 ${claim.sha256}, the file has ${found}`,
    { hint: 'The file was overwritten after it was published; publish the checkpoint again.' },
  );
}
