import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkpointKey, scoreKey, statisticsKey, type ScoreIdentity } from '../../streams/keys.js';

// Few letters, so that different fields often meet, among them those that separate fields.
const word = fc.string({ unit: fc.constantFrom('a', ',', '"', '/', '\\', ']'), maxLength: 3 });
const identities: fc.Arbitrary<ScoreIdentity> = fc.record({
  panel: word,
  run: word,
  step: fc.nat(2),
  metric: word,
  param: word,
  task: fc.option(word),
  seed: fc.option(fc.nat(2)),
});

describe('record keys', () => {
  it('differ for any two score identities that differ', () => {
    fc.assert(
      fc.property(identities, identities, (a, b) => {
        const same = (Object.keys(a) as (keyof ScoreIdentity)[]).every((field) => a[field] === b[field]);
        expect(scoreKey(a) === scoreKey(b)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('tell no task from an empty one and no seed from seed 0', () => {
    const identity = { panel: 'p', run: 'r', step: 1, metric: 'm', param: '', task: null, seed: null };
    const keys = [identity, { ...identity, task: '' }, { ...identity, seed: 0 }].map(scoreKey);
    expect(new Set(keys).size).toBe(3);
  });

  it('are what any language can write', () => {
    expect(checkpointKey('batchtopk-k16-seed0')).toBe('batchtopk-k16-seed0');
    expect(statisticsKey({ panel: 'p', metric: 'tpp', param: 'n=20' })).toBe('["p","tpp","n=20"]');
    expect(scoreKey({ panel: 'p', run: 'r', step: 40, metric: 'l0', param: '', task: null, seed: null })).toBe(
      '["p","r",40,"l0","",null,null]',
    );
  });
});
