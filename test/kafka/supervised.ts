import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { start } from '../src/cli/discern.js';

/** A `discern …` process that is started again whenever it ends, as a service manager would. */
export class Supervised {
  /** How often it ended without being killed by the test. */
  ends = 0;
  /** The last lines it wrote on stderr. */
  said = '';
  private child: ChildProcess;
  private stopping = false;
  private killing = false;

  constructor(
    private readonly args: readonly string[],
    private readonly environment: Readonly<Record<string, string>> = {},
    private readonly within: readonly string[] = [],
  ) {
    this.child = this.run();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** SIGKILL; it starts again at once. */
  async kill(): Promise<void> {
    this.killing = true;
    const { child } = this;
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }

  /** SIGTERM, and not again; its exit code. */
  async stop(): Promise<number | null> {
    this.stopping = true;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    await once(child, 'close');
    return child.exitCode;
  }

  private run(): ChildProcess {
    const child = start(this.args, this.environment, this.within);
    child.stdout?.resume();
    child.stderr?.on('data', (text: Buffer) => (this.said = `${this.said}${text.toString()}`.slice(-8000)));
    child.on('close', () => {
      if (this.stopping) return;
      if (!this.killing) this.ends++;
      this.killing = false;
      this.child = this.run();
    });
    return child;
  }
}
