import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of code in a document. */
export interface CodeBlock {
  /** Path of the document from the root. */
  readonly file: string;
  /** What stands behind the opening fence; empty for none. */
  readonly language: string;
  readonly text: string;
  /** The block after it in the same document. */
  readonly next?: Omit<CodeBlock, 'next'>;
}

const FOLDERS = ['', 'docs', 'docs/runbooks'];

/** The documents that people read: at the root, in docs/ and the runbooks. */
export function documents(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ).sort();
}

export function codeBlocks(): readonly CodeBlock[] {
  return documents().flatMap((file) => {
    const blocks = codeTokens(readFileSync(join(ROOT, file), 'utf8')).map((block) => ({ file, ...block }));
    return blocks.map((block, at) => (at + 1 < blocks.length ? { ...block, next: blocks[at + 1] } : block));
  });
}

export function blocksIn(language: string): readonly CodeBlock[] {
  return codeBlocks().filter((block) => block.language === language);
}

function codeTokens(markdown: string): { language: string; text: string }[] {
  const found: { language: string; text: string }[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === 'code') {
      const { lang: language = '', text } = token as { lang?: string; text: string };
      found.push({ language, text });
    }
  });
  return found;
}
