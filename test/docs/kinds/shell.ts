import type { CodeBlock } from '../code-blocks.js';
import { LONG_RUNNING } from '../walk/long-running.js';
import { NOT_RUN } from '../walk/not-run.js';
import type { Walk } from '../walk/walk.js';
import type { Kind } from './kind.js';

/** The commands of a block, one after the other: a line each, and what && joins. */
export function commandsOf(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(' && '))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

const named = <T extends { readonly command: RegExp }>(list: readonly T[], command: string): T | undefined =>
  list.find((entry) => entry.command.test(command));

/** Commands are run in the clone; those that go on are started, tried and, later, stopped. */
export const shell: Kind = {
  tools: ({ text }: CodeBlock) =>
    commandsOf(text).flatMap((command) => named([...NOT_RUN, ...LONG_RUNNING], command)?.tools ?? []),
  async check({ text }, walk) {
    walk.printed = '';
    for (const command of commandsOf(text)) await follow(command, walk);
  },
};

async function follow(command: string, walk: Walk): Promise<void> {
  const notRun = named(NOT_RUN, command);
  if (notRun !== undefined) {
    await notRun.check(command, walk);
    return;
  }
  const longRunning = named(LONG_RUNNING, command);
  if (longRunning !== undefined) {
    await walk.start(command, longRunning);
    return;
  }
  const { code, running } = await walk.run(command);
  if (code !== 0) throw running.failure(`ended with code ${code}`);
  walk.printed += running.stdout;
}
