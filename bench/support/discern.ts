import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peakBytes } from './memory.js';

const BIN = fileURLToPath(new URL('../../../bin/discern.js', import.meta.url));

/** A `discern …` process. What it writes on stderr is shown when it ends although nobody stopped it. */
export class DiscernProcess {
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private said = '';
  private stopping = false;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.on('data', (text: Buffer) => (this.said = `${this.said}${text.toString()}`.slice(-4000)));
    this.closed = once(this.child, 'close');
    this.child.on('close', (code) => {
      if (!this.stopping && code !== 0) console.error(`discern ${args.join(' ')} ended with ${code}:\n${this.said}`);
    });
  }

  /** The most memory it has had resident so far, in bytes. */
  get peakBytes(): number | undefined {
    return this.child.exitCode === null ? peakBytes(this.child.pid) : undefined;
  }

  /** Waits for it to end by itself. */
  async ended(): Promise<void> {
    await this.closed;
    if (this.child.exitCode !== 0) throw new Error(`discern ended with ${this.child.exitCode}`);
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.child.kill('SIGTERM');
    await this.closed;
  }
}
