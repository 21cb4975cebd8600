import { createHash } from 'node:crypto';

/** Hexadecimal digits: enough to tell apart the settings that one folder ever sees. */
const DIGITS = 10;

/**
 * A name for settings: the same for equal ones, whatever is made with others lies elsewhere. What is made must be a
 * function of them; `version` says of which.
 */
export function settingsDigest(version: number, settings: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([version, settings]))
    .digest('hex')
    .slice(0, DIGITS);
}
