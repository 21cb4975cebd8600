import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { marked } from 'marked';
import { program } from '../../src/cli/program.js';
import { contentOf, documents, ROOT } from './code-blocks.js';

const SCRIPTS = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** Commands of npm that need no script. */
const NPM = ['ci', 'install', 'pack', 'test', 'start', 'sbom'];

const COMMANDS = program('0.0.0').commands.map((command) => command.name());

/** Code within a sentence, which names a command but not always all that it needs. */
function inlineCode(file: string): readonly string[] {
  const found: string[] = [];
  void marked.walkTokens(marked.lexer(contentOf(file)), (token) => {
    if (token.type === 'codespan') found.push((token as { text: string }).text.replaceAll(/\s+/g, ' '));
  });
  return found;
}

function wordsOf(command: string): readonly string[] {
  const words = [...command.replace(/\s[0-9]?>>?\s*\S+/g, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)];
  return words.map((match): string => {
    const groups: readonly (string | undefined)[] = match.slice(1);
    return groups.find((group) => group !== undefined) ?? '';
  });
}

/** The command line without its commands' work, and content with fewer words than it takes to run. */
function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.action(() => undefined);
  for (const child of command.commands) idle(child);
  return command;
}

const INLINE = documents().flatMap((file) => inlineCode(file).map((text) => [file, text] as const));
const starting = (pattern: RegExp): (readonly [string, string])[] => INLINE.filter(([, text]) => pattern.test(text));

describe('commands within sentences', () => {
  it.each(starting(new RegExp(`^(npx )?discern (${COMMANDS.join('|')})( |$)`)))(
    'are read by the command line: %s: %s',
    async (_, text) => {
      const discern = program('0.0.0');
      for (const command of discern.commands) idle(command);
      const words = wordsOf(text.replace(/^npx /, '')).slice(1);
      const reading = discern.parseAsync([...words], { from: 'user' });
      await reading.catch((error: unknown) => expect(error).toMatchObject({ code: MORE_IS_NEEDED }));
    },
  );

  it.each(starting(/^npm \w+/))('of npm are there: %s: %s', (_, text) => {
    const [, command, script] = wordsOf(text);
    expect(command === 'run' ? SCRIPTS : NPM).toContain(command === 'run' ? script : command);
  });

  it.each(starting(/(^| )(dist|scripts|bench|python|test|src|streams|deploy|grafana)\/\S+\.(js|ts|py|yml|yaml)\b/))(
    'name files that are there or are compiled: %s: %s',
    (_, text) => {
      for (const [file] of text.matchAll(
        /(?<=^| )(dist|scripts|bench|python|test|src|streams|deploy|grafana)\/\S+\.(js|ts|py|yml|yaml)\b/g,
      )) {
        const source = file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
        expect({ file, there: [file, source].some((path) => existsSync(join(ROOT, path))) }).toEqual({
          file,
          there: true,
        });
      }
    },
  );
});

const MORE_IS_NEEDED = expect.stringMatching(/^commander\.(missingMandatoryOptionValue|missingArgument)$/) as unknown;
