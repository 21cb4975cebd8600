import { concatMap, defer, from, type Observable, type OperatorFunction } from 'rxjs';
import { DiscernError } from '../src/errors.js';
import { receiptOf, type Delivery, type Emission, type LogRecord, type Receipt } from '../src/log/log.js';
import type { Spool } from '../src/log/spool.js';
import { Assembly, type InlineManifest } from './assembly.js';
import { decodeCheckpointRecord } from './codec.js';
import { deadLetter } from './dead-letter.js';
import type { CheckpointManifest, CheckpointRecord, Chunk, Finished } from './records.js';
import { ignoreEvents, type EventSink } from './telemetry.js';

/** A checkpoint with everything it needs to be evaluated. */
export interface CheckpointWork {
  readonly manifest: CheckpointManifest;
  /** Path of the weights where they came inline; absent where the manifest's claim check says where they are. */
  readonly spooledWeights?: string;
  /** The manifest as it was delivered, for a dead letter. */
  readonly record: LogRecord;
  /** What is done when the checkpoint is: its manifest and its chunks. */
  readonly receipts: readonly Receipt[];
  /** Gives up the spooled weights; absent where there are none. */
  readonly discard?: () => Promise<void>;
}

export type Assembled =
  { readonly kind: 'work'; readonly work: CheckpointWork } | { readonly kind: 'emission'; readonly emission: Emission };

export interface AssembleDeps {
  readonly spool: Spool;
  /** Bytes that spooled weights may take together; a larger checkpoint is refused. 16 GiB by default. */
  readonly spoolBytes?: number;
  /** How long a run may send something else, or nothing, before an incomplete checkpoint is given up; 10 minutes. */
  readonly patienceMs?: number;
  /** ISO 8601, for dead letters. */
  readonly now: () => string;
  readonly events?: EventSink;
}

/**
 * Records of the checkpoints topic ─▶ checkpoints that can be evaluated.
 *
 * 1. A manifest with a claim check passes through at once.
 * 2. The chunks of an inline manifest are written to a file as they come; the last one yields the work, once part
 *    numbers, size and SHA-256 are what the manifest says.
 * 3. The manifest and every chunk but the last are `held`: their places in flight are free as soon as they are on
 *    disk, so a checkpoint may have more chunks than there are places, and interleaved runs cannot block each other.
 *    They are acknowledged with the checkpoint; after a crash it is assembled again. The last chunk keeps its place
 *    until the work is done: complete checkpoints that wait are bounded by what may be in flight.
 * 4. Disk is bounded by `spoolBytes`, reserved when a manifest comes. When it is used up, nothing more is read until
 *    complete checkpoints are evaluated; if none is, the incomplete one that waited longest is given up.
 * 5. To dead letters go: records that cannot be read; chunks without a manifest and repeated parts (CHUNK_UNEXPECTED);
 *    checkpoints with a missing part, with parts that never came (CHUNK_MISSING), with other bytes than promised
 *    (WEIGHTS_HASH_MISMATCH) or too many (CHECKPOINT_TOO_LARGE). Further chunks of such a checkpoint are dropped.
 * 6. Time is that of the records of the same partition, so a replay decides as the first time.
 * 7. What was collected of a partition is forgotten, without a dead letter, when the partition comes under a new lease:
 *    another reader has taken over, or it is delivered again.
 * 8. Errors of the spool (a full disk) fail the stream: the input is not to blame.
 */
export function assembleCheckpoints(deps: AssembleDeps): OperatorFunction<Delivery, Assembled> {
  return (deliveries$) =>
    defer(() => {
      const assembler = new Assembler(deps);
      return deliveries$.pipe(concatMap((delivery) => flatten(assembler.accept(delivery))));
    });
}

const DEFAULT_SPOOL_BYTES = 16 * 1024 ** 3;
const DEFAULT_PATIENCE_MS = 10 * 60 * 1000;

/** Checkpoints that are remembered as given up, so that what still comes of them is dropped. */
const REMEMBERED = 1024;

class Assembler {
  /** Incomplete checkpoints by run; the one that waits longest for a chunk first. */
  private readonly open = new Map<string, Assembly>();
  private readonly givenUp = new Set<string>();
  private readonly spoolBytes: number;
  private readonly patienceMs: number;
  private readonly events: EventSink;
  private reserved = 0;
  private complete = 0;
  private discarded: (() => void) | undefined;

  constructor(private readonly deps: AssembleDeps) {
    this.spoolBytes = deps.spoolBytes ?? DEFAULT_SPOOL_BYTES;
    this.patienceMs = deps.patienceMs ?? DEFAULT_PATIENCE_MS;
    this.events = deps.events ?? ignoreEvents;
  }

  /** Must not be called again before what it returned has ended. */
  accept(delivery: Delivery): Assembled[] | Promise<Assembled[]> {
    const superseded = this.voidBy(delivery);
    if (superseded.length > 0) return this.forget(superseded).then(() => this.accept(delivery));
    const expired = this.expiredBy(delivery.record);
    if (expired.length === 0) return this.handle(delivery);
    return this.giveUpExpired(expired, delivery);
  }

  private voidBy({ record, lease }: Delivery): Assembly[] {
    return [...this.open.values()].filter(
      (assembly) => assembly.record.partition === record.partition && assembly.lease !== lease,
    );
  }

  private async forget(assemblies: readonly Assembly[]): Promise<void> {
    for (const assembly of assemblies) {
      this.open.delete(assembly.manifest.run);
      this.reserved -= assembly.manifest.weights.bytes;
      await assembly.remove();
    }
  }

  private async giveUpExpired(expired: readonly Assembly[], delivery: Delivery): Promise<Assembled[]> {
    const given: Assembled[] = [];
    for (const assembly of expired)
      given.push(await this.giveUp(assembly, incomplete(assembly, 'no chunk came for long')));
    return [...given, ...(await this.handle(delivery))];
  }

  private expiredBy({ partition, timestamp }: LogRecord): Assembly[] {
    return [...this.open.values()].filter(
      (assembly) => assembly.record.partition === partition && timestamp - assembly.lastSeen > this.patienceMs,
    );
  }

  private handle(delivery: Delivery): Assembled[] | Promise<Assembled[]> {
    let record: CheckpointRecord;
    try {
      record = decodeCheckpointRecord(delivery.record.value);
    } catch (error) {
      if (!(error instanceof DiscernError)) throw error;
      return [this.dead(delivery.record, error, [delivery])];
    }
    switch (record.type) {
      case 'checkpoint':
        return this.handleManifest(record, delivery);
      case 'chunk':
        return this.handleChunk(record, delivery);
      case 'finished':
        return this.handleFinished(record, delivery);
    }
  }

  private handleManifest(manifest: CheckpointManifest, delivery: Delivery): Assembled[] | Promise<Assembled[]> {
    const { panel, run, step, weights } = manifest;
    this.events({ type: 'checkpoint-received', panel, run, step });
    this.givenUp.delete(identity(run, step));
    const before = this.open.get(run);
    if ('parts' in weights) return this.begin({ ...manifest, weights }, delivery, before);
    const { record } = delivery;
    const work: Assembled = { kind: 'work', work: { manifest, record, receipts: [receiptOf(delivery)] } };
    if (before === undefined) return [work];
    return this.giveUp(before, incomplete(before, `step ${step} came`)).then((given) => [given, work]);
  }

  private async begin(manifest: InlineManifest, delivery: Delivery, before?: Assembly): Promise<Assembled[]> {
    const emitted: Assembled[] = [];
    if (before !== undefined) emitted.push(await this.giveUp(before, incomplete(before, `step ${manifest.step} came`)));
    // After the one before was given up: it may be this very checkpoint, published again.
    this.givenUp.delete(identity(manifest.run, manifest.step));
    const { bytes } = manifest.weights;
    if (bytes > this.spoolBytes) {
      this.remember(manifest.run, manifest.step);
      return [...emitted, this.dead(delivery.record, tooLarge(bytes, this.spoolBytes), [delivery])];
    }
    emitted.push(...(await this.reserve(bytes)));
    const file = await this.deps.spool.create();
    this.open.set(manifest.run, new Assembly(manifest, delivery, file));
    return [...emitted, held(delivery)];
  }

  /** Makes room on disk; yields what had to be given up for it. */
  private async reserve(bytes: number): Promise<Assembled[]> {
    const given: Assembled[] = [];
    while (this.reserved + bytes > this.spoolBytes) {
      const [oldest] = this.open.values();
      if (this.complete > 0) await new Promise<void>((resolve) => (this.discarded = resolve));
      else given.push(await this.giveUp(oldest, incomplete(oldest, 'the spool was full')));
    }
    this.reserved += bytes;
    return given;
  }

  private handleChunk(chunk: Chunk, delivery: Delivery): Assembled[] | Promise<Assembled[]> {
    const { run, step, part } = chunk;
    const assembly = this.open.get(run);
    if (assembly?.manifest.step !== step) return [this.orphan(chunk, delivery)];
    const fault = assembly.faultOf(chunk);
    if (fault !== undefined) return this.giveUp(assembly, fault, delivery).then((given) => [given]);
    if (part < assembly.parts) {
      const error = new DiscernError('CHUNK_UNEXPECTED', `part ${part} of run ${run}, step ${step} came twice`);
      return [this.dead(delivery.record, error, [delivery])];
    }
    return this.append(assembly, chunk, delivery);
  }

  private async append(assembly: Assembly, chunk: Chunk, delivery: Delivery): Promise<Assembled[]> {
    const { run } = assembly.manifest;
    await assembly.append(chunk, delivery);
    // Last in the order of waiting.
    this.open.delete(run);
    this.open.set(run, assembly);
    if (!assembly.isComplete) return [held(delivery)];
    const fault = await assembly.verify();
    if (fault !== undefined) return [await this.giveUp(assembly, fault)];
    this.open.delete(run);
    this.complete++;
    const { manifest, record, receipts, path: spooledWeights } = assembly;
    const discard = (): Promise<void> => this.discard(assembly);
    return [{ kind: 'work', work: { manifest, spooledWeights, record, receipts, discard } }];
  }

  private async discard(assembly: Assembly): Promise<void> {
    await assembly.remove();
    this.complete--;
    this.reserved -= assembly.manifest.weights.bytes;
    this.discarded?.();
  }

  private orphan({ run, step, part }: Chunk, delivery: Delivery): Assembled {
    if (this.givenUp.has(identity(run, step))) {
      this.events({ type: 'chunk-dropped', run, step });
      return { kind: 'emission', emission: { records: [], done: [delivery] } };
    }
    this.remember(run, step);
    const message = `part ${part} of run ${run}, step ${step} belongs to no manifest; further parts of it are dropped`;
    return this.dead(delivery.record, new DiscernError('CHUNK_UNEXPECTED', message), [delivery]);
  }

  private handleFinished({ panel, run, step }: Finished, delivery: Delivery): Assembled[] | Promise<Assembled[]> {
    this.events({ type: 'run-finished', panel, run, step });
    const done: Assembled = { kind: 'emission', emission: { records: [], done: [delivery] } };
    const assembly = this.open.get(run);
    if (assembly === undefined) return [done];
    return this.giveUp(assembly, incomplete(assembly, 'the run finished')).then((given) => [given, done]);
  }

  private async giveUp(assembly: Assembly, error: DiscernError, delivery?: Delivery): Promise<Assembled> {
    const { manifest, record, receipts } = assembly;
    this.open.delete(manifest.run);
    this.remember(manifest.run, manifest.step);
    this.reserved -= manifest.weights.bytes;
    await assembly.remove();
    return this.dead(record, error, delivery === undefined ? receipts : [...receipts, delivery]);
  }

  private remember(run: string, step: number): void {
    this.givenUp.add(identity(run, step));
    const [oldest] = this.givenUp;
    if (this.givenUp.size > REMEMBERED) this.givenUp.delete(oldest);
  }

  private dead(record: LogRecord, error: DiscernError, done: readonly Receipt[]): Assembled {
    this.events({ type: 'dead-letter', topic: record.topic, reason: error.reason, error: error.message });
    return { kind: 'emission', emission: { records: [deadLetter(record, error, this.deps.now())], done } };
  }
}

/** Synchronous where nothing is written, so that claim checks never wait. */
function flatten(items: Assembled[] | Promise<Assembled[]>): Observable<Assembled> {
  return Array.isArray(items) ? from(items) : from(items).pipe(concatMap((list) => list));
}

function held(delivery: Delivery): Assembled {
  return { kind: 'emission', emission: { records: [], done: [], held: [delivery] } };
}

function identity(run: string, step: number): string {
  return JSON.stringify([run, step]);
}

function incomplete({ manifest: { run, step, weights }, parts }: Assembly, why: string): DiscernError {
  const message = `run ${run}, step ${step}: ${parts} of ${weights.parts} parts had come when ${why}`;
  return new DiscernError('CHUNK_MISSING', message, { hint: 'Publish the checkpoint again.' });
}

function tooLarge(bytes: number, limit: number): DiscernError {
  return new DiscernError('CHECKPOINT_TOO_LARGE', `weights of ${bytes} bytes travel inline, ${limit} are allowed`, {
    hint: 'Publish such a checkpoint by claim check, from a folder the evaluator can read.',
  });
}
