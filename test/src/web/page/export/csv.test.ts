import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { curvesCsv, fileName } from '../../../../../src/web/page/export/csv.js';

const NAMES = { panel: 'p', metric: 'tpp', param: 'n=20' };

/** Cells of RFC 4180, by an automaton of its own. */
function parse(csv: string): string[][] {
  const cells = [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of cells as unknown as (string | undefined)[][]) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('curves as CSV', () => {
  it('have a line a checkpoint, with numbers in full and nothing where a value is not defined', () => {
    const point = { step: 100, tokens: 1000, seeds: 4, mean: 0.1 + 0.2, sd: 0.02, stderr: 0.01, half95: 0.03, cv: 0.1 };
    const curves = [
      { run: 'a', points: [point] },
      { run: 'b', points: [{ step: 1, tokens: 10, seeds: 1, mean: -1e-9 }] },
    ];
    expect(curvesCsv(NAMES, curves)).toBe(
      'panel,metric,param,run,step,tokens,seeds,mean,sd,stderr,half95,cv\r\n' +
        'p,tpp,n=20,a,100,1000,4,0.30000000000000004,0.02,0.01,0.03,0.1\r\n' +
        'p,tpp,n=20,b,1,10,1,-1e-9,,,,\r\n',
    );
  });

  it('are read back as they were, whatever the names hold', () => {
    const name = fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', ' ', 'ü', '=') });
    fc.assert(
      fc.property(name, name, fc.double({ noNaN: true, noDefaultInfinity: true }), (panel, run, mean) => {
        const csv = curvesCsv({ ...NAMES, panel }, [{ run, points: [{ step: 1, tokens: 2, seeds: 1, mean }] }]);
        const [, row] = parse(csv);
        expect(row.slice(0, 4)).toEqual([panel, 'tpp', 'n=20', run]);
        // `-0` is written as 0.
        expect(Number(row[7])).toBe(mean === 0 ? 0 : mean);
      }),
    );
  });
});

describe('names of files', () => {
  it('hold what every file system takes', () => {
    expect(fileName(NAMES, 'csv')).toBe('p-tpp-n-20.csv');
    expect(fileName({ panel: '../ä', metric: 'l0', param: '' }, 'png')).toBe('l0.png');
    fc.assert(
      fc.property(fc.string(), fc.string(), (panel, param) => {
        expect(fileName({ panel, metric: '', param }, 'csv')).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.csv$/);
      }),
    );
  });
});
