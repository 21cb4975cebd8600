import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { claimManifest, inlineManifest } from '../../src/attach/manifest.js';
import { publishManifest } from '../../src/attach/publish.js';
import { Auditor } from '../../src/lenses/auditor.js';
import type { Log } from '../../src/log/log.js';
import { directionOf } from '../../src/metrics/index.js';
import { openCheckpoint } from '../../src/sae/readers.js';
import { decodeDeadLetter, decodeScoreRecord, decodeStatisticsRecord } from '../../streams/codec.js';
import { statisticsKey } from '../../streams/keys.js';
import type { ScoreRecord } from '../../streams/records.js';
import { DEAD_LETTERS, EVALUATIONS, STATISTICS } from '../../streams/topics.js';
import type { TinyPanel } from '../src/cli/tiny-panel.js';

export const PANEL = 'tiny';

export interface Checkpoint {
  readonly run: string;
  readonly step: number;
  readonly dir: string;
  readonly transport: 'claim' | 'inline';
}

/** So many runs of so many steps, whose weights are those of the panel's checkpoints in turn; every other run inline. */
export function checkpointsOf(panel: TinyPanel, runs: number, steps: number): Checkpoint[] {
  return Array.from({ length: runs * steps }, (_, i) => {
    const run = i % runs;
    const step = Math.floor(i / runs);
    const dir = panel.checkpoints[(step + 3 * run) % panel.checkpoints.length];
    return { run: `run-${run}`, step: 100 * (step + 1), dir, transport: run % 2 === 0 ? 'claim' : 'inline' };
  });
}

export async function publish(log: Log, { run, step, dir, transport }: Checkpoint): Promise<void> {
  const source = await openCheckpoint(dir);
  const identity = { run, variant: run, trainSeed: 0, step, tokens: 1000 * step };
  const describe = transport === 'claim' ? claimManifest : inlineManifest;
  const manifest = await describe({ panel: PANEL, identity, source, publishedAt: new Date().toISOString() });
  await publishManifest(log, manifest, source.weights);
}

/** What comes out of a log's topics, from the beginning and live. */
export class Outcome {
  /** The latest score of each identity. */
  readonly scores = new Map<string, ScoreRecord>();
  /** Scores that came again, for whatever reason. */
  duplicates = 0;
  readonly deadLetters: string[] = [];
  readonly statistics = new Map<string, unknown>();
  /** How many scores each has. */
  private readonly checkpoints = new Map<string, number>();
  private readonly readings: { unsubscribe(): void }[];
  private failure: Error | undefined;

  constructor(log: Log) {
    const fail = (error: unknown): void => {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    };
    const read = (topic: string, take: (value: Uint8Array, key: string) => void) =>
      log.read({ topic, maxInFlight: 256 }).subscribe({
        next: (delivery) => {
          take(delivery.record.value, delivery.record.key);
          log.store({ records: [], done: [delivery] }).catch(fail);
        },
        error: fail,
      });
    this.readings = [
      read(EVALUATIONS, (value, key) => this.addScore(key, decodeScoreRecord(value))),
      read(STATISTICS, (value, key) => this.statistics.set(key, decodeStatisticsRecord(value).statistics)),
      read(DEAD_LETTERS, (value) => {
        const { reason, key, error } = decodeDeadLetter(value);
        this.deadLetters.push(`${reason} ${key}: ${error}`);
      }),
    ];
  }

  /** Checkpoints that have scores. */
  get scored(): number {
    return this.checkpoints.size;
  }

  /** Whether all of them have equally many: on one bundle, a checkpoint with fewer is not read to its end. */
  get isEven(): boolean {
    return new Set(this.checkpoints.values()).size === 1;
  }

  get identities(): readonly string[] {
    return [...this.checkpoints.keys()].sort();
  }

  /** What an auditor in this process makes of the scores. */
  expectedStatistics(): Map<string, unknown> {
    const auditor = new Auditor({ direction: directionOf });
    for (const score of this.scores.values()) if (score.task === null) auditor.add(score);
    return new Map(auditor.changed().map((key) => [statisticsKey(key), auditor.statistics(key)]));
  }

  /** Resolves once a condition holds; rejects when a reader fails or the condition does not come to hold. */
  async until(condition: () => boolean | Promise<boolean>, what: string, patienceMs = 400_000): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await condition())) {
      if (this.failure !== undefined) throw this.failure;
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; ${this.scored} checkpoints are scored`);
      await delay(50);
    }
  }

  stop(): void {
    for (const reading of this.readings) reading.unsubscribe();
  }

  private addScore(key: string, score: ScoreRecord): void {
    const isNew = !this.scores.has(key);
    this.scores.set(key, score);
    if (!isNew) {
      this.duplicates++;
      return;
    }
    const checkpoint = `${score.run}/${score.step}`;
    this.checkpoints.set(checkpoint, (this.checkpoints.get(checkpoint) ?? 0) + 1);
  }
}

/** Where two values differ by more than a relative tolerance; undefined when they do not. */
export function difference(a: unknown, b: unknown, tolerance: number, path = ''): string | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const same = Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
    return same ? undefined : `${path}: ${a} and ${b}`;
  }
  if (a instanceof Map && b instanceof Map)
    return difference(Object.fromEntries(a), Object.fromEntries(b), tolerance, path);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? undefined : `${path}: ${String(a)} and ${String(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(Reflect.get(a, key), Reflect.get(b, key), tolerance, `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Resident memory of a process in bytes; undefined where the system does not tell. */
export function residentBytes(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
}
