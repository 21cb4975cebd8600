import { describe, expect, it } from '@jest/globals';
import { TileQueue } from '../../../src/kernels/tile-queue.js';

describe('tiles that threads share', () => {
  it('are all of the rows, each taken once, whoever takes it', () => {
    const here = TileQueue.of(10, 4);
    const elsewhere = new TileQueue(here.state);
    expect([here.length, here.next(), elsewhere.next(), here.next()]).toEqual([
      3,
      { tile: 0, firstRow: 0, count: 4 },
      { tile: 1, firstRow: 4, count: 4 },
      { tile: 2, firstRow: 8, count: 2 },
    ]);
    expect([here.next(), elsewhere.next()]).toEqual([undefined, undefined]);
  });

  it('are none of no rows', () => {
    const tiles = TileQueue.of(0, 4);
    expect([tiles.length, tiles.next()]).toEqual([0, undefined]);
  });

  it('are no longer given out once they are stopped', () => {
    const here = TileQueue.of(100, 4);
    const elsewhere = new TileQueue(here.state);
    expect(here.next()?.tile).toBe(0);
    elsewhere.stop();
    expect([here.next(), elsewhere.next()]).toEqual([undefined, undefined]);
  });
});
