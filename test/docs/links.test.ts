import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import { contentOf, documents, ROOT } from './code-blocks.js';

/** Links to files, without those to the web and to places within a page. */
function linksOf(file: string): readonly string[] {
  const links: string[] = [];
  void marked.walkTokens(marked.lexer(contentOf(file)), (token) => {
    if (token.type === 'link' || token.type === 'image') links.push((token as { href: string }).href);
  });
  return links.filter((href) => !/^[a-z]+:|^#/.test(href)).map((href) => href.replace(/#.*$/, ''));
}

describe('links in the documents', () => {
  it.each(documents())('lead to files: %s', (file) => {
    for (const link of linksOf(file))
      expect({ link, there: existsSync(join(ROOT, dirname(file), link)) }).toEqual({ link, there: true });
  });
});
