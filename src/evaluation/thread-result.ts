import { DiscernError, asDiscernError, type ErrorCode } from '../errors.js';

/** What a worker thread answers: structured cloning would strip a typed error down to its message. */
export type ThreadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly hint?: string };

/** Runs a worker's job and turns what it throws into an answer. */
export async function answer<T>(job: () => Promise<T>): Promise<ThreadResult<T>> {
  try {
    return { ok: true, value: await job() };
  } catch (thrown) {
    const error = asDiscernError(thrown, 'EVALUATION_FAILED');
    const plain = { ok: false, code: error.code, message: error.message } as const;
    return error.hint === undefined ? plain : { ...plain, hint: error.hint };
  }
}

/** The other end: the value, or the typed error thrown again. */
export function unwrap<T>(result: ThreadResult<T>): T {
  if (result.ok) return result.value;
  throw new DiscernError(result.code, result.message, result.hint === undefined ? {} : { hint: result.hint });
}
