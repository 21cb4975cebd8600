import { commandsOf } from './shell.js';
import type { Kind } from './kind.js';

/** The output of the commands right before it. A line … stands for any others. */
export const output: Kind = {
  check({ after, text }, { printed }) {
    if (after !== 'sh') throw new Error('a block of text must be the output of a block of commands right before it');
    holdsLines(printed, text);
  },
};

/** A command that is refused, after `$ `, and what the terminal shows then. */
export const refusal: Kind = {
  async check({ text }, walk) {
    const [first, ...shown] = text.split('\n');
    const [command] = commandsOf(first.replace(/^\$ /, ''));
    const { code, running } = await walk.run(command);
    if (code === 0) throw running.failure('was not refused');
    holdsLines(running.screen, shown.join('\n'));
  },
};

function holdsLines(printed: string, shown: string): void {
  const lines = printed.split('\n').map((line) => line.trimEnd());
  let at = 0;
  for (const line of shown.split('\n').map((text) => text.trimEnd())) {
    if (line === '…' || line === '') continue;
    const found = lines.indexOf(line, at);
    if (found < 0) throw new Error(`not printed, or not here: ${line}\n${printed}`);
    at = found + 1;
  }
}
