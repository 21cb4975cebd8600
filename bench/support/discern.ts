import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peakBytes } from './memory.js';

const BIN = fileURLToPath(new URL('../../../bin/discern.js', import.meta.url));

const LOOK_MS = 100;

/** A `discern …` process. What it writes on stderr is shown when it ends although nobody stopped it. */
export class DiscernProcess {
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private said = '';
  private stopping = false;
  private peak = 0;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.on('data', (text: Buffer) => (this.said = `${this.said}${text.toString()}`.slice(-4000)));
    this.closed = once(this.child, 'close');
    const looking = setInterval(this.look, LOOK_MS);
    this.child.on('close', (code) => {
      clearInterval(looking);
      if (!this.stopping && code !== 0) console.error(`discern ${args.join(' ')} ended with ${code}:\n${this.said}`);
    });
  }

  /** The most memory it has had resident, in bytes; looked at every now and then, and 0 where the system does not tell. */
  get peakBytes(): number {
    this.look();
    return this.peak;
  }

  private readonly look = (): void => {
    if (this.child.exitCode === null && this.child.signalCode === null)
      this.peak = Math.max(this.peak, peakBytes(this.child.pid) ?? 0);
  };

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
