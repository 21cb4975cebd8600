const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The first key that stands twice in one object of a JSON text; undefined when there is none. `JSON.parse` would keep
 * the last silently, and which of two tensors of one name a reader takes must not be left to chance.
 *
 * @param text valid JSON
 */
export function duplicateKey(text: string): string | undefined {
  // One element for each object or array that is open; an array has no keys.
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') open.push(new Set());
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      if (isKey(text, end)) {
        const key = JSON.parse(text.slice(at, end)) as string;
        const keys = open.at(-1);
        if (keys?.has(key) === true) return key;
        keys?.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The place after the closing quotation mark of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
  return at + 1;
}

/** A string is a key when the next thing after it is a colon. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && ' \t\r\n'.includes(text[at])) at++;
  return text[at] === ':';
}
