/** Waiting between attempts: doubles up to the longest, so that nobody waits long once a broker is back. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;

/** Milliseconds to wait after so many failed attempts. */
export function delayAfter(failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10));
}
