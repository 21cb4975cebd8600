import { expect } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';

/** Runs a test on a virtual clock; a frame of a marble diagram is a millisecond. */
export function marbles(test: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}
