import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { parseScores } from '../../src/lenses/index.js';
import { blocksIn, documents, ROOT, type CodeBlock } from './code-blocks.js';

const SETTINGS = ['log', 'panels', 'weights', 'http', 'evaluate', 'audit'];

const titled = (blocks: readonly CodeBlock[]): (readonly [string, CodeBlock])[] =>
  blocks.map((block) => [`${block.file}: ${block.text.split('\n', 1)[0]}`, block]);

describe('data in the documents', () => {
  it.each(titled(blocksIn('yaml')))('is YAML, and a configuration where it has its keys: %s', (_, { text }) => {
    const data = parse(text) as unknown;
    expect(data).not.toBeNull();
    const isConfig = typeof data === 'object' && Object.keys(data!).some((key) => SETTINGS.includes(key));
    expect(isConfig ? configSchema.safeParse(data).error : undefined).toBeUndefined();
  });

  it.each(titled(blocksIn('json')))('is JSON: %s', (_, { text }) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it.each(titled(blocksIn('ndjson')))('is scores: %s', (_, { text }) => {
    expect(() => parseScores(text.split('\n'))).not.toThrow();
  });
});

/** Links to files, without those to the web and to places within a page. */
function linksOf(file: string): readonly string[] {
  const links: string[] = [];
  void marked.walkTokens(marked.lexer(readFileSync(join(ROOT, file), 'utf8')), (token) => {
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
