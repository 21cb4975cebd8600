import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatNumber, formatStep } from '../../../../src/report/format.js';
import { html } from '../../../../src/report/markup.js';
import { spread } from '../../../../src/report/plots/labels.js';
import { linearScale, logScale } from '../../../../src/report/plots/scale.js';

describe('scales', () => {
  it('put the ends of the domain at the ends of the range, with round ticks in between', () => {
    const { at, ticks } = linearScale([0, 1], [100, 0]);
    expect([at(0), at(0.5), at(1)]).toEqual([100, 50, 0]);
    expect(ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale([0.613, 0.842], [0, 1]).ticks).toEqual([0.65, 0.7, 0.75, 0.8]);
  });

  it('of powers have their ticks at 1, 2 and 5, and at powers alone where there are many', () => {
    expect(logScale([1, 100], [0, 200]).at(10)).toBeCloseTo(100, 9);
    expect(logScale([1, 20], [0, 1]).ticks).toEqual([1, 2, 5, 10, 20]);
    expect(logScale([1, 1e5], [0, 1]).ticks).toEqual([1, 10, 100, 1000, 10000, 100000]);
  });

  it('survive a domain of one value', () => {
    expect(Number.isFinite(linearScale([3, 3], [0, 1]).at(3))).toBe(true);
    expect(Number.isFinite(logScale([3, 3], [0, 1]).at(3))).toBe(true);
  });
});

describe('labels', () => {
  it('keep their order and their distance', () => {
    const wanted = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(wanted, (places) => {
        const placed = spread(places, 13, [0, 300]);
        const sorted = places.map((_, i) => i).sort((a, b) => places[a] - places[b] || placed[a] - placed[b]);
        for (let i = 1; i < sorted.length; i++) {
          expect(placed[sorted[i]] - placed[sorted[i - 1]]).toBeGreaterThanOrEqual(13 - 1e-9);
        }
      }),
    );
  });

  it('stay where they want to be when there is room', () => {
    expect(spread([10, 200, 100], 13, [0, 300])).toEqual([10, 200, 100]);
  });
});

describe('text', () => {
  it('is short and exact enough to read', () => {
    expect([0.0809697, 1234.5, 0.00001234, 2.5e7, undefined, -0.5].map((value) => formatNumber(value))).toEqual([
      '0.081',
      '1230',
      '1.23e−5',
      '2.50e+7',
      '–',
      '−0.5',
    ]);
    expect([1, 900, 12000, 2_500_000].map(formatStep)).toEqual(['1', '900', '12k', '2.5M']);
  });

  it('is escaped unless it is markup, and nothing where it is undefined', () => {
    expect(html`<b>${'<'}${html`<i>${'&'}</i>`}${undefined}${['a', 1]}</b>`.text).toBe('<b>&lt;<i>&amp;</i>a1</b>');
  });
});
