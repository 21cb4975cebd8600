import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FRAME_FULL, InFrames } from '../../../../src/web/page/in-frames.js';

/** Frames that are drawn when the test says so, and time that passes only in steps. */
let frames: (() => void)[];
let now: number;

function nextFrame(): void {
  frames.shift()?.();
}

const later = (draw: () => void): number => frames.push(draw);

beforeEach(() => {
  frames = [];
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Steps of so many milliseconds; what was drawn is noted. */
function drawing(steps: readonly number[], drawn: number[]): () => Generator {
  return function* () {
    for (const [step, milliseconds] of steps.entries()) {
      now += milliseconds;
      yield drawn.push(step);
    }
  };
}

describe('drawing in frames', () => {
  it('does as many steps in a frame as there is time for, and the rest in the next ones', () => {
    const drawn: number[] = [];
    new InFrames(drawing([5, 5, 5, 30, 1, 1], drawn), later).request();
    expect(drawn).toEqual([]);
    nextFrame();
    expect(drawn).toEqual([0, 1, 2]);
    nextFrame();
    expect(drawn).toEqual([0, 1, 2, 3]);
    nextFrame();
    expect(drawn).toEqual([0, 1, 2, 3, 4, 5]);
    expect(frames).toHaveLength(0);
  });

  it('begins anew when it is asked for again, with one frame however often that is', () => {
    const drawn: number[] = [];
    const inFrames = new InFrames(drawing([20, 20], drawn), later);
    inFrames.request();
    nextFrame();
    inFrames.request();
    inFrames.request();
    expect(frames).toHaveLength(1);
    while (frames.length > 0) nextFrame();
    expect(drawn).toEqual([0, 0, 1]);
  });

  it('ends a frame with a step that fills it, however little time that took', () => {
    const drawn: number[] = [];
    new InFrames(function* () {
      yield drawn.push(0);
      drawn.push(1);
      yield FRAME_FULL;
      yield drawn.push(2);
    }, later).request();
    nextFrame();
    expect(drawn).toEqual([0, 1]);
    nextFrame();
    expect(drawn).toEqual([0, 1, 2]);
    expect(frames).toHaveLength(0);
  });

  it('leaves the frames after an input to it, unless what it draws was asked for by that', () => {
    const drawn: number[] = [];
    const inFrames = new InFrames(drawing([20, 20], drawn), later);
    inFrames.request();
    nextFrame();
    inFrames.holdBack();
    nextFrame();
    now += 100;
    nextFrame();
    expect(drawn).toEqual([0]);
    now += 100;
    nextFrame();
    expect(drawn).toEqual([0, 1]);
    inFrames.holdBack();
    inFrames.answer();
    nextFrame();
    expect(drawn).toEqual([0, 1, 0]);
  });

  it('lets the first frame of an answer be shown before it draws the rest', () => {
    const drawn: number[] = [];
    const inFrames = new InFrames(drawing([20, 20, 20], drawn), later);
    inFrames.answer();
    nextFrame();
    now += 16;
    nextFrame();
    expect(drawn).toEqual([0]);
    now += 16;
    nextFrame();
    nextFrame();
    expect(drawn).toEqual([0, 1, 2]);
  });

  it('shows updates while a person goes on typing', () => {
    const drawn: number[] = [];
    const inFrames = new InFrames(drawing([1], drawn), later);
    inFrames.request();
    for (let key = 0; key < 4; key++) {
      inFrames.holdBack();
      now += 50;
      nextFrame();
    }
    expect(drawn).toEqual([0]);
  });

  it('draws nothing while an input waits that the page was not yet told of', () => {
    const drawn: number[] = [];
    const waiting = [true, false, true, false];
    new InFrames(drawing([1, 1], drawn), later, () => waiting.shift() ?? false).request();
    nextFrame();
    expect(drawn).toEqual([]);
    nextFrame();
    expect(drawn).toEqual([0]);
    nextFrame();
    expect(drawn).toEqual([0, 1]);
    expect(frames).toHaveLength(0);
  });

  it('goes on drawing after a step that failed', () => {
    let draws = 0;
    const inFrames = new InFrames(function* () {
      yield (draws += 1);
      if (draws === 1) throw new Error('no such element');
    }, later);
    inFrames.request();
    expect(nextFrame).toThrow('no such element');
    inFrames.request();
    nextFrame();
    expect(draws).toBe(2);
  });
});
