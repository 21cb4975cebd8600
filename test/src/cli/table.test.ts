import { describe, expect, it } from '@jest/globals';
import { renderTable } from '../../../src/cli/table.js';

describe('a table', () => {
  it('sets numbers to the right and text to the left', () => {
    expect(
      renderTable(
        ['metric', 'mean'],
        [
          ['l0', '16.2'],
          ['mse', '3225'],
        ],
      ),
    ).toBe(['metric  mean', '──────  ────', 'l0      16.2', 'mse     3225', ''].join('\n'));
  });

  it('leaves undefined values empty', () => {
    expect(renderTable(['a', 'b'], [['x', '']])).toBe('a  b\n─  ─\nx\n');
  });
});
