import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A block of code in a document, fenced or indented. */
export interface CodeBlock {
  /** Path of the document from the root. */
  readonly file: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** What stands behind the opening fence; empty for none. */
  readonly language: string;
  readonly text: string;
  /** The language of the block before it in the same document. */
  readonly after?: string;
}

const FOLDERS = ['', 'docs', 'docs/runbooks', 'python', 'bench'];

/** The documents that people read. */
export function documents(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ).sort();
}

export function contentOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The blocks of a document, in its order. */
export function blocksOf(file: string): readonly CodeBlock[] {
  const markdown = contentOf(file);
  const blocks: CodeBlock[] = [];
  let at = 0;
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'code') return;
    const { lang: language = '', text, raw } = token as { lang?: string; text: string; raw: string };
    // Within a list, lines have lost their indentation: a block is found by its first line.
    at = markdown.indexOf(raw.trimStart().split('\n', 1)[0], at);
    const line = markdown.slice(0, at).split('\n').length;
    const after = blocks.at(-1)?.language;
    blocks.push({ file, line, language, text, ...(after === undefined ? {} : { after }) });
    at = markdown.indexOf(text.split('\n').at(-1)!, at) + 1;
    if (language !== '') at = markdown.indexOf('```', at) + 3;
  });
  return blocks;
}

export function blocksIn(language: string): readonly CodeBlock[] {
  return documents()
    .flatMap(blocksOf)
    .filter((block) => block.language === language);
}
