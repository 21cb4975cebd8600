import { filter, lastValueFrom, takeWhile } from 'rxjs';
import { concatMap } from 'rxjs/operators';
import { DiscernError } from '../errors.js';
import type { Delivery, Log } from '../log/log.js';
import { decodeCheckpointRecord } from '../../streams/codec.js';
import type { CheckpointManifest, Chunk } from '../../streams/records.js';
import { CHECKPOINTS } from '../../streams/topics.js';

const IN_FLIGHT = 64;

/**
 * Which checkpoints a log already has, so that attaching again publishes only what is new. A checkpoint is known by
 * its panel, run, step and weights: one that was saved over counts as new. So does one that travels inline and whose
 * publisher was killed before the last chunk.
 */
export class PublishedCheckpoints {
  private readonly known = new Set<string>();
  /** By run, the inline checkpoint whose chunks are coming, and how many still have to. */
  private readonly arriving = new Map<string, { readonly manifest: CheckpointManifest; missing: number }>();

  static async readFrom(log: Log): Promise<PublishedCheckpoints> {
    const published = new PublishedCheckpoints();
    const end = await log.end(CHECKPOINTS);
    const behind = new Set([...end].filter(([, offset]) => offset > 0n).map(([partition]) => partition));
    if (behind.size === 0) return published;
    const reading = log.read({ topic: CHECKPOINTS, maxInFlight: IN_FLIGHT }).pipe(
      concatMap(async (delivery) => {
        published.note(delivery);
        await log.store({ records: [], done: [delivery] });
        const { partition, offset } = delivery.record;
        if (offset >= (end.get(partition) ?? 0n) - 1n) behind.delete(partition);
      }),
      takeWhile(() => behind.size > 0),
      filter(() => false),
    );
    await lastValueFrom(reading, { defaultValue: undefined });
    return published;
  }

  has(manifest: CheckpointManifest): boolean {
    return this.known.has(identity(manifest));
  }

  add(manifest: CheckpointManifest): void {
    this.known.add(identity(manifest));
  }

  private note(delivery: Delivery): void {
    try {
      const record = decodeCheckpointRecord(delivery.record.value);
      if (record.type === 'chunk') this.noteChunk(record);
      if (record.type === 'checkpoint') this.noteManifest(record);
    } catch (error) {
      // A record nobody can read is the evaluator's to report; it certainly is not the checkpoint we look for.
      if (!(error instanceof DiscernError)) throw error;
    }
  }

  private noteManifest(manifest: CheckpointManifest): void {
    if ('parts' in manifest.weights) this.arriving.set(manifest.run, { manifest, missing: manifest.weights.parts });
    else this.add(manifest);
  }

  /** Chunks of a run come in the order of their parts (contract §2). */
  private noteChunk({ run, step, part, parts }: Chunk): void {
    const arriving = this.arriving.get(run);
    if (arriving?.manifest.step !== step || part !== parts - arriving.missing) return;
    arriving.missing--;
    if (arriving.missing > 0) return;
    this.arriving.delete(run);
    this.add(arriving.manifest);
  }
}

function identity({ panel, run, step, weights }: CheckpointManifest): string {
  return JSON.stringify([panel, run, step, weights.sha256]);
}
