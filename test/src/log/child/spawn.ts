import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A child process that runs a TypeScript file of this folder. */
export class Child {
  readonly lines: string[] = [];
  private readonly process: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(file: string, ...args: string[]) {
    const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    this.process = spawn(
      process.execPath,
      ['--import', new URL('register.mjs', import.meta.url).href, path(file), ...args],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      },
    );
    createInterface({ input: this.process.stdout! }).on('line', (line) => this.lines.push(line));
    this.closed = once(this.process, 'close');
  }

  /** Resolves once it has printed so many lines. */
  async printed(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.process.exitCode !== null) throw new Error(`the child ended with ${this.process.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Waits for it to end by itself; its exit code. */
  async ended(): Promise<number | null> {
    await this.closed;
    return this.process.exitCode;
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.closed;
  }
}
