import { describe, expect, it } from '@jest/globals';
import { DiscernError } from '../../../src/errors.js';
import { parseScores } from '../../../src/lenses/index.js';

const LINE = {
  panel: 'p',
  run: 'r',
  variant: 'v',
  step: 10,
  metric: 'tpp',
  param: 'n=20',
  task: null as string | null,
  seed: 42 as number | null,
  value: 0.5,
};

function lines(...changes: Record<string, unknown>[]): string[] {
  return changes.map((change) => JSON.stringify({ ...LINE, ...change }));
}

function errorOf(text: string): DiscernError {
  try {
    parseScores([text]);
  } catch (error) {
    if (error instanceof DiscernError) return error;
  }
  throw new Error('expected a DiscernError');
}

describe('parseScores', () => {
  it('reads what evaluate writes, with tokens and training seed or without', () => {
    expect(parseScores(lines({}, { trainSeed: 3, tokens: 99, seed: null }))).toMatchObject([
      { panel: 'p', run: 'r', variant: 'v', trainSeed: 0, step: 10, tokens: 0, seed: 42, value: 0.5 },
      { trainSeed: 3, tokens: 99, seed: null },
    ]);
  });

  it('takes the mean where it is recorded and leaves the tasks out', () => {
    const scores = parseScores(lines({ task: 'a', value: 0 }, { value: 0.7 }, { task: 'b', value: 1 }));
    expect(scores.map(({ value }) => value)).toEqual([0.7]);
  });

  it('averages the tasks where no mean is recorded, each once, whatever their order', () => {
    const forward = lines({ task: 'a', value: 0.1 }, { task: 'b', value: 0.2 }, { task: 'c', value: 0.7 });
    const again = lines({ task: 'a', value: 0.1 });
    const found = parseScores([...forward, ...again]).map(({ value }) => value);
    expect(found).toEqual(parseScores([...again, ...forward.reverse()]).map(({ value }) => value));
    expect(found).toHaveLength(1);
    expect(found[0]).toBeCloseTo(1 / 3, 12);
  });

  it('keeps seeds, parameters and runs apart when it averages', () => {
    const scores = parseScores(
      lines({ task: 'a', seed: 1 }, { task: 'a', seed: 2 }, { task: 'a', param: 'n=2' }, { task: 'a', run: 'q' }),
    );
    expect(scores).toHaveLength(4);
  });

  it('skips blank lines', () => {
    expect(parseScores(['', ...lines({}), '  '])).toHaveLength(1);
  });

  it('names the line and the key of what is wrong', () => {
    expect(() => parseScores([...lines({}), ...lines({ value: 'high' })])).toThrow(/line 2: value: .*number/);
    expect(errorOf(lines({ step: -1 })[0])).toMatchObject({ code: 'SCORES_INVALID', reason: 'scores_invalid' });
    expect(errorOf(lines({ run: undefined })[0]).message).toContain('line 1: run:');
    expect(errorOf(lines({ evaluatedAt: 'yesterday' })[0]).message).toContain('evaluatedAt');
    expect(errorOf('[1]').message).toContain('line 1');
  });

  it('refuses NaN, which is no JSON, with the line it stands in', () => {
    const error = errorOf(lines({})[0].replace('0.5', 'NaN'));
    expect(error.message).toContain('line 1: expected a score as JSON');
    expect(error.hint).toContain('NaN');
  });
});
