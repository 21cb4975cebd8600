/** Strings, which are passed over, and the three words that Python's `json` writes and JSON does not know. */
const TOKENS = /"(?:[^"\\]|\\.)*"|(?:-?\bInfinity|\bNaN)\b(?!\s*:)/gs;

const WORDS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

/**
 * Parses JSON as Python's `json.dump` writes it: with NaN and Infinity as they are. Anything else that is no JSON is
 * refused.
 *
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  const mark = unusedMark(text);
  const strict = text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${mark}${token}"`));
  if (strict === text) return JSON.parse(text);
  return JSON.parse(strict, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? WORDS[value.slice(mark.length)] : value,
  );
}

/** A text that occurs nowhere in another. */
function unusedMark(text: string): string {
  let mark = '~';
  while (text.includes(mark)) mark += '~';
  return mark;
}
