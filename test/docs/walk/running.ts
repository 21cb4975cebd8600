import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for a machine that does much else besides; only a failing test waits for it. */
const PATIENCE_MS = 240_000;

/** Ends all processes of the command when this process is gone: they are not its own group, so that Ctrl-C is theirs. */
const LEASH = '{ cat; kill -9 0; } <&0 >/dev/null 2>&1 & exec </dev/null; ';

/** A command in a terminal of its own: what it prints is kept, and Ctrl-C reaches all of its processes. */
export class Running {
  /** What it has written to stdout. */
  stdout = '';
  /** What a terminal would show. */
  screen = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(
    readonly command: string,
    readonly cwd: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', LEASH + command], { cwd, env, detached: true });
    this.child.on('exit', () => this.child.stdin!.end());
    this.child.stdout!.on('data', (text: Buffer) => {
      this.stdout += text.toString();
      this.screen += text.toString();
    });
    this.child.stderr!.on('data', (text: Buffer) => (this.screen += text.toString()));
    this.closed = once(this.child, 'close');
  }

  /** Waits for its end: its exit code, or the signal that ended it. */
  async end(): Promise<number | string | null> {
    await this.closed;
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** Waits until a condition holds, and fails when the command ends before. A condition that throws does not hold yet. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let reason: unknown;
    const holds = async (): Promise<boolean> => {
      try {
        return await condition();
      } catch (error) {
        reason = error;
        return false;
      }
    };
    while (!(await holds())) {
      if (this.hasEnded) throw this.failure(`ended before ${what}`);
      if (Date.now() > deadline) throw this.failure(`went on in vain until ${what}`, reason);
      await delay(100);
    }
  }

  /** Ctrl-C; as `end`. */
  async interrupt(): Promise<number | string | null> {
    if (!this.hasEnded) process.kill(-this.child.pid!, 'SIGINT');
    return this.end();
  }

  failure(what: string, cause?: unknown): Error {
    return new Error(`${this.command}\n${what}:\n${this.screen.slice(-4000)}`, { cause });
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
