import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { program } from '../../src/cli/program.js';
import { discern } from '../src/cli/discern.js';
import { blocksIn, codeBlocks, ROOT, type CodeBlock } from './code-blocks.js';

const SCRIPTS = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** Commands of npm that need no script. */
const NPM = ['ci', 'install', 'pack', 'test', 'start', 'sbom'];

interface Line {
  readonly file: string;
  readonly words: readonly string[];
}

/** The simple commands of a block: comments, redirections and what follows a pipe or && taken apart. */
function commandsOf({ file, text }: Pick<CodeBlock, 'file' | 'text'>): readonly Line[] {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/&&|\||;/))
    .map((command) => command.replace(/\s[0-9]?>>?\s*\S+/g, '').trim())
    .filter((command) => command !== '')
    .map((command) => ({ file, words: wordsOf(command) }));
}

function wordsOf(command: string): readonly string[] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match): string => {
    const groups: readonly (string | undefined)[] = match.slice(1);
    return groups.find((group) => group !== undefined) ?? '';
  });
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return words.slice(words[first] === 'npx' ? first + 1 : first);
}

/** The command line with every command's work taken out: what is left is how words are read. */
function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.action(() => undefined);
  for (const child of command.commands) idle(child);
  return command;
}

const LINES = blocksIn('sh').flatMap(commandsOf);
const named = (program: string): (readonly [string, Line])[] =>
  LINES.filter(({ words }) => words[0] === program).map((line) => [`${line.file}: ${line.words.join(' ')}`, line]);

describe('shell commands in the documents', () => {
  it.each(named('discern'))('are read by the command line: %s', async (_, { words }) => {
    const discern = program('0.0.0');
    for (const command of discern.commands) idle(command);
    await expect(discern.parseAsync([...words.slice(1)], { from: 'user' })).resolves.toBe(discern);
  });

  it.each(named('npm'))('are there: %s', (_, { words: [, command, script] }) => {
    expect(command === 'run' ? SCRIPTS : NPM).toContain(command === 'run' ? script : command);
  });

  it('name programs that are there or are compiled', () => {
    for (const [title, { words }] of named('node')) {
      const file = words.find((word) => /\.js$/.test(word))!;
      const source = file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
      expect({ title, there: [file, source].some((path) => existsSync(join(ROOT, path))) }).toEqual({
        title,
        there: true,
      });
    }
  });
});

/** A block of commands whose output is shown right after it. */
const SHOWN = codeBlocks().filter(({ language, next }) => language === 'sh' && next?.language === 'text');

describe('outputs in the documents', () => {
  it.each(SHOWN.map((block) => [`${block.file}: ${block.text}`, block] as const))(
    'are what the command prints: %s',
    async (_, block) => {
      const [{ words }, ...others] = commandsOf(block);
      expect(others).toEqual([]);
      const { code, stdout } = await discern(
        words.slice(1).map((word) => (existsSync(join(ROOT, word)) ? join(ROOT, word) : word)),
      );
      expect(code).toBe(0);
      const printed = stdout.split('\n').map((line) => line.trimEnd());
      let at = 0;
      for (const line of block.next!.text.split('\n').map((text) => text.trimEnd())) {
        if (line === '…' || line === '') continue;
        const found = printed.indexOf(line, at);
        expect({ line, found: found >= 0 }).toEqual({ line, found: true });
        at = found + 1;
      }
    },
  );
});
