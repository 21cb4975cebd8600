import { setTimeout as delay } from 'node:timers/promises';
import { Auditor } from '../../src/lenses/auditor.js';
import type { Log } from '../../src/log/log.js';
import { directionOf } from '../../src/metrics/index.js';
import { EVALUATE_GROUP } from '../../src/service/stages.js';
import { decodeDeadLetter, decodeScoreRecord, decodeStatisticsRecord } from '../../streams/codec.js';
import { statisticsKey } from '../../streams/keys.js';
import type { DeadLetter, ScoreRecord } from '../../streams/records.js';
import { DEAD_LETTERS, EVALUATIONS, STATISTICS } from '../../streams/topics.js';
import { difference } from './difference.js';

/** Contract §2: the statistics are a function of the set of scores, to this relative tolerance. */
export const TOLERANCE = 1e-12;

/** What comes out of a log's topics, from the beginning and live. */
export class Outcome {
  /** The latest score of each identity. */
  readonly scores = new Map<string, ScoreRecord>();
  /** Scores that came again, for whatever reason. */
  duplicates = 0;
  readonly deadLetters: DeadLetter[] = [];
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
      read(DEAD_LETTERS, (value) => this.deadLetters.push(decodeDeadLetter(value))),
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

  /**
   * Resolves once so many checkpoints have all their scores, the evaluators have acknowledged everything, and the
   * topic's statistics are those of all scores; with these.
   */
  async settled(log: Log, checkpoints: number): Promise<ReadonlyMap<string, unknown>> {
    await this.until(() => this.scored === checkpoints && this.isEven, 'all scores of every checkpoint');
    await this.until(async () => (await behind(log)) === 0n, 'the group to have acknowledged everything');
    const same = (): boolean => difference(this.expectedStatistics(), this.statistics, TOLERANCE) === undefined;
    await this.until(same, 'the statistics of all scores');
    return new Map(this.statistics);
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

async function behind(log: Log): Promise<bigint> {
  return (await log.lag(EVALUATE_GROUP)).reduce((sum, { records }) => sum + records, 0n);
}
