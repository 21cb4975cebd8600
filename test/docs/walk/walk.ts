import { rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { freePort } from '../../../bench/support/prometheus.js';
import { ALERTMANAGER } from '../../tool.js';
import { makeClone, programsOf } from './clone.js';
import type { Page } from './page.js';
import { Running } from './running.js';

/** A command that goes on until Ctrl-C. */
export interface LongRunning {
  readonly command: RegExp;
  /** Programs beyond Node that it takes. */
  readonly tools?: readonly string[];
  /** The port that it listens on by default. In a walk it gets a free one; see `flags`. */
  readonly port?: number;
  /** Flags that keep it to a port, where no variable does. */
  flags?(port: number): string;
  /** Waits until it does what the documents promise. */
  promised(running: Running, walk: Walk, port: number): Promise<void>;
  /** How it ends after Ctrl-C: exit codes and signals; 0 unless given. */
  readonly ends?: readonly (number | string | null)[];
  /** What it has done wrong until Ctrl-C; undefined where nothing. */
  complaint?(walk: Walk): Promise<string | undefined>;
}

interface Terminal {
  readonly service: LongRunning;
  readonly running: Running;
}

/** Someone who does what a document says, block after block, in a clone of their own. */
export class Walk {
  /** What the last block of commands printed to stdout. */
  printed = '';
  /** The live page of the service that runs now. */
  page: Page | undefined;
  private readonly terminals: Terminal[] = [];

  private constructor(readonly clone: string) {}

  static async begin(): Promise<Walk> {
    return new Walk(await makeClone(ALERTMANAGER));
  }

  at(path: string): string {
    return join(this.clone, path);
  }

  write(path: string, text: string): Promise<void> {
    return writeFile(this.at(path), text);
  }

  /** Runs a command to its end, whatever its exit code. */
  async run(
    command: string,
    more: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number | string | null; running: Running }> {
    const running = new Running(command, this.clone, { ...this.environment, ...more });
    return { code: await running.end(), running };
  }

  /** Starts a command in another terminal, which goes on until another needs its port or the document ends. */
  async start(command: string, service: LongRunning): Promise<void> {
    await this.free(service.port);
    const port = service.port === undefined ? 0 : await freePort();
    const flags = service.flags?.(port) ?? '';
    const environment = { ...this.environment, DISCERN_HTTP_PORT: String(port) };
    const running = new Running(`exec ${command} ${flags}`, this.clone, environment);
    this.terminals.push({ service, running });
    await service.promised(running, this, port);
  }

  /** Ctrl-C in every terminal. */
  async end(): Promise<void> {
    const ends = await Promise.allSettled(this.terminals.splice(0).map((terminal) => this.interrupt(terminal)));
    await rm(this.clone, { recursive: true, force: true });
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Whoever starts a program on a port that another listens on has stopped that one before. */
  private async free(port: number | undefined): Promise<void> {
    const at = this.terminals.findIndex(({ service }) => port !== undefined && service.port === port);
    if (at >= 0) await this.interrupt(this.terminals.splice(at, 1)[0]);
  }

  private async interrupt({ service, running }: Terminal): Promise<void> {
    const complaint = await service.complaint?.(this);
    const code = await running.interrupt();
    if (complaint !== undefined) throw running.failure(complaint);
    if (!(service.ends ?? [0]).includes(code)) throw running.failure(`ended by ${code} after Ctrl-C`);
  }

  private get environment(): NodeJS.ProcessEnv {
    // What npm tells its scripts is of this project and not of the clone.
    const own = Object.entries(process.env).filter(([name]) => !/^npm_|^DISCERN_/i.test(name));
    return { ...Object.fromEntries(own), PATH: `${programsOf(this.clone)}${delimiter}${process.env['PATH'] ?? ''}` };
  }
}
