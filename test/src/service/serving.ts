import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { start } from '../cli/discern.js';

/** A line of the service's log. */
export interface LogLine {
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** Long enough for a machine that does much else besides; only a failing test waits for it. */
const PATIENCE_MS = 180_000;

/** A `discern serve` process. */
export class Serving {
  readonly lines: LogLine[] = [];
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;
  private readonly unparsed: string[] = [];

  constructor(args: readonly string[]) {
    this.child = start(['serve', '--http-port', '0', '--evaluate-threads', '1', ...args], {
      DISCERN_LOG_LEVEL: 'debug',
    });
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.note(line));
    this.closed = once(this.child, 'close');
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Lines with this message. */
  all(msg: string): readonly LogLine[] {
    return this.lines.filter((line) => line.msg === msg);
  }

  /** Waits until a condition holds; fails when the process ends before, with what it said. */
  async until(what: string, condition: () => boolean | Promise<boolean>, pollMs = 20): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (!this.isAlive) throw new Error(`ended while waiting for ${what}:\n${this.said}`);
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}:\n${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** The lines of `/metrics` whose series match. */
  async metrics(series: RegExp): Promise<readonly string[]> {
    await this.until('the page', () => this.all('the live page is up').length > 0);
    const { url } = this.all('the live page is up')[0];
    const response = await fetch(`${String(url)}/metrics`);
    return (await response.text()).split('\n').filter((line) => series.test(line));
  }

  /** Ends it without a chance to do anything more. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }

  /** Asks it to end; its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.closed;
    return this.child.exitCode;
  }

  private note(line: string): void {
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      // Not of the logger: an error that ended the process.
      this.unparsed.push(line);
    }
  }

  private get said(): string {
    return [...this.lines.map((line) => JSON.stringify(line)), ...this.unparsed].join('\n');
  }
}
