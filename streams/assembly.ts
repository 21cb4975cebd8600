import { DiscernError } from '../src/errors.js';
import { receiptOf, type Delivery, type LogRecord, type Receipt } from '../src/log/log.js';
import type { SpoolFile } from '../src/log/spool.js';
import type { CheckpointManifest, Chunk, weightsInline } from './records.js';
import type { z } from 'zod';

/** A manifest whose weights follow it in chunks. */
export type InlineManifest = CheckpointManifest & { readonly weights: z.infer<typeof weightsInline> };

/** One inline checkpoint on its way in: its manifest, and the file its chunks are appended to. */
export class Assembly {
  readonly record: LogRecord;
  /** What is done with this checkpoint. Receipts, not deliveries: those would keep the weights in memory. */
  readonly receipts: Receipt[];
  /** The lease of its partition under which it is collected. */
  readonly lease: number | undefined;
  /** Parts that are on disk; also the number of the next one. */
  parts = 0;
  /** When its newest record was appended to the log, in milliseconds since the epoch. */
  lastSeen: number;
  private bytes = 0;

  constructor(
    readonly manifest: InlineManifest,
    delivery: Delivery,
    private readonly file: SpoolFile,
  ) {
    this.record = delivery.record;
    this.receipts = [receiptOf(delivery)];
    this.lease = delivery.lease;
    this.lastSeen = delivery.record.timestamp;
  }

  get path(): string {
    return this.file.path;
  }

  get isComplete(): boolean {
    return this.parts === this.manifest.weights.parts;
  }

  /** Why the checkpoint cannot be completed after this chunk; undefined when it can, or when the part came before. */
  faultOf({ part, parts, data }: Chunk): DiscernError | undefined {
    const { weights } = this.manifest;
    if (parts !== weights.parts)
      return this.error('CHUNK_UNEXPECTED', `the manifest promises ${weights.parts} parts, a chunk says ${parts}`);
    if (part > this.parts) return this.error('CHUNK_MISSING', `part ${this.parts} is missing: part ${part} came next`);
    if (part === this.parts && this.bytes + data.byteLength > weights.bytes)
      return this.error('WEIGHTS_HASH_MISMATCH', `the manifest promises ${weights.bytes} bytes, more came`);
    return undefined;
  }

  /** Writes the next part. */
  async append({ data }: Chunk, delivery: Delivery): Promise<void> {
    await this.file.write(data);
    this.parts++;
    this.bytes += data.byteLength;
    this.receipts.push(receiptOf(delivery));
    this.lastSeen = delivery.record.timestamp;
  }

  /** What is wrong with the complete weights. */
  async verify(): Promise<DiscernError | undefined> {
    const { weights } = this.manifest;
    const { bytes, sha256 } = await this.file.finish();
    if (bytes !== weights.bytes)
      return this.error('WEIGHTS_HASH_MISMATCH', `the manifest promises ${weights.bytes} bytes, ${bytes} came`);
    if (sha256 !== weights.sha256)
      return this.error('WEIGHTS_HASH_MISMATCH', `the manifest promises sha256 ${weights.sha256}, ${sha256} came`);
    return undefined;
  }

  remove(): Promise<void> {
    return this.file.remove();
  }

  private error(code: 'CHUNK_UNEXPECTED' | 'CHUNK_MISSING' | 'WEIGHTS_HASH_MISMATCH', what: string): DiscernError {
    const { run, step } = this.manifest;
    return new DiscernError(code, `run ${run}, step ${step}: ${what}`, { hint: 'Publish the checkpoint again.' });
  }
}
