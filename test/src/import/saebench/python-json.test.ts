import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parsePythonJson } from '../../../../src/import/saebench/python-json.js';

describe('JSON as Python writes it', () => {
  it('has NaN and infinities', () => {
    expect(parsePythonJson('{"a": NaN, "b": [Infinity, -Infinity, -1], "~c": "NaN"}')).toEqual({
      ...{ a: NaN, b: [Infinity, -Infinity, -1], '~c': 'NaN' },
    });
  });

  it('is JSON otherwise', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parsePythonJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('leaves texts alone, whatever stands in them', () => {
    const odd = fc
      .array(fc.constantFrom('"', '\\', 'NaN', '-Infinity', '~', ' ', '\n', ','))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(odd, odd, (a, b) => {
        const text = `{"x": ${JSON.stringify(a)}, "y": NaN, "z": ${JSON.stringify(b)}}`;
        expect(parsePythonJson(text)).toEqual({ x: a, y: NaN, z: b });
      }),
    );
  });

  it.each(['{"a": nan}', '{"a": NaN', '"NaN', '{NaN: 1}', '--Infinity', 'NaNs'])('refuses %s', (text) => {
    expect(() => parsePythonJson(text)).toThrow(SyntaxError);
  });
});
