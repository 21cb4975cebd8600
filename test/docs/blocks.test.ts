import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithTool } from '../tool.js';
import { blocksIn, blocksOf, documents, type CodeBlock } from './code-blocks.js';
import { KINDS } from './kinds/index.js';
import { commandsOf } from './kinds/shell.js';
import { tinyPanel } from './walk/folders.js';
import { LONG_RUNNING } from './walk/long-running.js';
import { NOT_RUN } from './walk/not-run.js';
import { stopBroker } from './walk/topics.js';
import { Walk } from './walk/walk.js';

jest.setTimeout(600_000);

afterAll(async () => {
  await stopBroker();
  await rm(dirname((await tinyPanel()).bundle), { recursive: true, force: true });
});

const titleOf = ({ file, line, language, text }: CodeBlock): string =>
  `${file}:${line}: ${language}: ${text.split('\n', 1)[0]}`;

describe.each(documents().filter((file) => blocksOf(file).length > 0))('the blocks of %s', (file) => {
  let walk: Walk;
  beforeAll(async () => {
    walk = await Walk.begin();
  });
  afterAll(() => walk.end());

  for (const block of blocksOf(file)) {
    const kind = KINDS.get(block.language);
    describeWithTool(kind?.tools?.(block) ?? [], titleOf(block), () => {
      it('does as it says', async () => {
        if (kind === undefined)
          throw new Error(`no kind of block is called '${block.language}': see ${[...KINDS.keys()].join(', ')}`);
        await kind.check(block, walk);
      });
    });
  }
});

describe('the tables of commands', () => {
  const commands = blocksIn('sh').flatMap(({ text }) => commandsOf(text));

  it.each([...NOT_RUN, ...LONG_RUNNING].map(({ command }) => command))(
    'hold no command that no document has: %s',
    (command) => {
      expect(commands.filter((written) => command.test(written))).not.toEqual([]);
    },
  );
});
