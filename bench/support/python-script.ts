import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A script of `bench/python`, kept running so that neither Python's start nor its imports are counted. */
export class PythonScript {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(python: string, name: string, ...args: readonly string[]) {
    this.child = spawn(python, [`bench/python/${name}`, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** The answer, a line of JSON, to one line. */
  async ask<T>(line: string): Promise<T> {
    this.child.stdin!.write(`${line}\n`);
    const answer = await this.lines.next();
    if (answer.done === true) throw new Error(`the Python packages ended early, exit status ${await this.exit()}`);
    return JSON.parse(answer.value) as T;
  }

  close(): void {
    this.child.stdin!.end();
  }

  private async exit(): Promise<string> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return `${child.exitCode ?? child.signalCode}`;
  }
}
