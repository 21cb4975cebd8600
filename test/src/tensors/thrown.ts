import { DiscernError } from '../../../src/errors.js';

/** The typed error that a promise is rejected with; anything else is thrown on. */
export async function thrown(promise: Promise<unknown>): Promise<DiscernError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DiscernError) return error;
    throw error;
  }
  throw new Error('expected a DiscernError, but nothing was thrown');
}
