import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InFlight } from '../../../src/log/in-flight.js';

describe('InFlight', () => {
  it('has the next offset as its low-water mark when nothing is open', () => {
    const inFlight = new InFlight(5n);
    expect(inFlight.lowWater).toBe(5n);
    inFlight.deliver(7n);
    inFlight.done(7n);
    expect(inFlight.lowWater).toBe(8n);
  });

  it('keeps the low-water mark at the oldest open delivery however many later ones are done', () => {
    const inFlight = new InFlight(0n);
    for (let offset = 0n; offset < 4n; offset++) inFlight.deliver(offset);
    inFlight.done(1n);
    inFlight.done(3n);
    expect(inFlight.lowWater).toBe(0n);
    inFlight.done(0n);
    expect(inFlight.lowWater).toBe(2n);
  });

  it('gives the place of a held delivery back without moving the low-water mark', () => {
    const inFlight = new InFlight(0n);
    inFlight.deliver(0n);
    inFlight.hold(0n);
    inFlight.hold(0n);
    expect(inFlight.count).toBe(0);
    expect(inFlight.lowWater).toBe(0n);
    inFlight.done(0n);
    expect(inFlight.count).toBe(0);
    expect(inFlight.lowWater).toBe(1n);
  });

  it('closes a delivery once', () => {
    const inFlight = new InFlight(0n);
    inFlight.deliver(0n);
    expect(inFlight.done(0n)).toBe(true);
    expect(inFlight.done(0n)).toBe(false);
    expect(inFlight.count).toBe(0);
  });

  it('agrees with a plain list of offsets, whatever is done in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        (gaps, choices) => {
          const inFlight = new InFlight(0n);
          const open: bigint[] = [];
          let next = 0n;
          for (const gap of gaps) {
            next += BigInt(gap);
            inFlight.deliver(next);
            open.push(next);
            for (const choice of choices.take(1)) {
              if (choice % 3 === 0) continue;
              const [closed] = open.splice(choice % open.length, 1);
              inFlight.done(closed);
            }
            expect(inFlight.count).toBe(open.length);
            expect(inFlight.lowWater).toBe(open[0] ?? next + 1n);
          }
        },
      ),
    );
  });
});
