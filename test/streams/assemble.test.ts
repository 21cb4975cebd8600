import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { firstValueFrom, from, Subject, timer, toArray } from 'rxjs';
import type { Delivery, Emission } from '../../src/log/log.js';
import { assembleCheckpoints, type AssembleDeps, type Assembled, type CheckpointWork } from '../../streams/assemble.js';
import { decodeDeadLetter, encodeRecord } from '../../streams/codec.js';
import type { AnyRecord, CheckpointManifest, Chunk } from '../../streams/records.js';
import type { PipelineEvent } from '../../streams/telemetry.js';
import { marbles } from './marbles.js';
import { MemorySpool } from './memory-spool.js';
import { delivery, manifest } from './samples.js';

const NOW = '2026-01-01T00:00:00Z';

/** A manifest of weights that are a text, and its chunks of three letters. */
function inline(text: string, change: Partial<CheckpointManifest> = {}): { head: CheckpointManifest; chunks: Chunk[] } {
  const pieces = text.match(/.{1,3}/g) ?? [];
  const sha256 = createHash('sha256').update(text).digest('hex');
  const head = manifest({ weights: { parts: pieces.length, bytes: text.length, sha256 }, ...change });
  const chunks = pieces.map((piece, part): Chunk => {
    const { run, step } = head;
    const data = new TextEncoder().encode(piece);
    return { v: 1, type: 'chunk', run, step, part, parts: pieces.length, data };
  });
  return { head, chunks };
}

type Sent = AnyRecord | { readonly record: AnyRecord; readonly timestamp?: number; readonly partition?: number };

function deliver(...sent: Sent[]): Delivery[] {
  return sent.map((one, offset) => {
    if (!('record' in one)) return delivery(offset, encodeRecord(one));
    const { record, timestamp = 0, partition = 0 } = one;
    return delivery(offset, encodeRecord(record), { timestamp, partition });
  });
}

interface Seen {
  /** In order: `work RUN/STEP [receipts]`, `held [offset]`, `REASON [offsets done]`, `done [offsets]`. */
  readonly log: string[];
  readonly works: CheckpointWork[];
  readonly errors: string[];
  readonly events: PipelineEvent[];
  readonly spool: MemorySpool;
}

async function assembled(deliveries: readonly Delivery[], change: Partial<AssembleDeps> = {}): Promise<Seen> {
  const spool = new MemorySpool();
  const events: PipelineEvent[] = [];
  const deps = { spool, now: () => NOW, events: (event: PipelineEvent) => events.push(event), ...change };
  const items = await firstValueFrom(from(deliveries).pipe(assembleCheckpoints(deps), toArray()));
  const works = items.flatMap((item) => (item.kind === 'work' ? [item.work] : []));
  const letters = items.flatMap((item) => (item.kind === 'emission' ? lettersOf(item.emission) : []));
  return { log: items.map(describeItem), works, errors: letters.map(({ error }) => error), events, spool };
}

const offsets = (receipts: readonly { record: { offset: bigint } }[]): string =>
  `[${receipts.map(({ record }) => record.offset).join(' ')}]`;

const lettersOf = ({ records }: Emission) => records.map(({ value }) => decodeDeadLetter(value!));

function describeItem(item: Assembled): string {
  if (item.kind === 'work')
    return `work ${item.work.manifest.run}/${item.work.manifest.step} ${offsets(item.work.receipts)}`;
  const { emission } = item;
  if (emission.held !== undefined) return `held ${offsets(emission.held)}`;
  const reasons = lettersOf(emission).map(({ reason }) => reason);
  return `${reasons.join(' ') || 'done'} ${offsets(emission.done)}`;
}

describe('assembleCheckpoints', () => {
  it('passes a manifest with a claim check through at once', () => {
    marbles(({ hot, expectObservable }) => {
      const [one] = deliver(manifest());
      const receipt = { record: { topic: 't', partition: 0, offset: 0n }, reader: one.reader };
      const work = { manifest: manifest(), record: one.record, receipts: [receipt] };
      const source = hot('--a--|', { a: one });
      const deps = { spool: new MemorySpool(), now: () => NOW };
      expectObservable(source.pipe(assembleCheckpoints(deps))).toBe('--w--|', { w: { kind: 'work', work } });
    });
  });

  it('puts chunks together in a file and holds all deliveries but the last', async () => {
    const { head, chunks } = inline('abcdefgh');
    const { log, works, spool } = await assembled(deliver(head, ...chunks));
    expect(log).toEqual(['held [0]', 'held [1]', 'held [2]', 'work r/100 [0 1 2 3]']);
    expect(spool.contentOf(works[0].spooledWeights!)).toBe('abcdefgh');
    await works[0].discard!();
    expect(spool.files.size).toBe(0);
  });

  it('does not keep the bytes of chunks with their receipts', async () => {
    const { head, chunks } = inline('abcdef');
    const { works } = await assembled(deliver(head, ...chunks));
    expect(works[0].receipts.every((receipt) => !('value' in receipt.record))).toBe(true);
  });

  it('puts interleaved runs together, each from its own chunks', async () => {
    const a = inline('abcdef', { run: 'a' });
    const b = inline('uvwxyz', { run: 'b' });
    const mixed = deliver(a.head, b.head, a.chunks[0], b.chunks[0], b.chunks[1], a.chunks[1]);
    const { log, works, spool } = await assembled(mixed);
    expect(log.slice(-2)).toEqual(['work b/100 [1 3 4]', 'work a/100 [0 2 5]']);
    expect(works.map((work) => spool.contentOf(work.spooledWeights!))).toEqual(['uvwxyz', 'abcdef']);
  });

  it('gives a checkpoint up when a part is missing, and drops the parts that follow', async () => {
    const { head, chunks } = inline('abcdefghijkl');
    const { log, errors, events, spool } = await assembled(deliver(head, chunks[0], chunks[2], chunks[3]));
    expect(log).toEqual(['held [0]', 'held [1]', 'chunk_missing [0 1 2]', 'done [3]']);
    expect(errors[0]).toContain('run r, step 100: part 1 is missing: part 2 came next');
    expect(events).toContainEqual({ type: 'chunk-dropped', run: 'r', step: 100 });
    expect(spool.files.size).toBe(0);
  });

  it('sends a part that comes twice to dead letters and completes the checkpoint', async () => {
    const { head, chunks } = inline('abcdef');
    const { log, errors } = await assembled(deliver(head, chunks[0], chunks[0], chunks[1]));
    expect(log).toEqual(['held [0]', 'held [1]', 'chunk_unexpected [2]', 'work r/100 [0 1 3]']);
    expect(errors[0]).toContain('part 0 of run r, step 100 came twice');
  });

  it('sends surplus parts and parts without a manifest to dead letters, once a checkpoint', async () => {
    const { head, chunks } = inline('abc');
    const other = inline('abcdef', { step: 200 });
    const { log, errors } = await assembled(deliver(head, ...chunks, chunks[0], ...other.chunks));
    expect(log.slice(1)).toEqual(['work r/100 [0 1]', 'chunk_unexpected [2]', 'chunk_unexpected [3]', 'done [4]']);
    expect(errors[1]).toContain('part 0 of run r, step 200 belongs to no manifest');
  });

  it.each<[string, (head: CheckpointManifest, chunks: Chunk[]) => AnyRecord[], string, string]>([
    [
      'fewer bytes',
      (head, chunks) => [head, chunks[0], { ...chunks[1], data: chunks[1].data.slice(1) }],
      'weights_hash_mismatch',
      'promises 6 bytes, 5 came',
    ],
    [
      'more bytes',
      (head, chunks) => [head, chunks[0], { ...chunks[1], data: new Uint8Array(9) }],
      'weights_hash_mismatch',
      'promises 6 bytes, more came',
    ],
    [
      'other bytes',
      (head, chunks) => [head, chunks[0], { ...chunks[1], data: new Uint8Array(3) }],
      'weights_hash_mismatch',
      'promises sha256',
    ],
    [
      'another number of parts',
      (head, chunks) => [head, { ...chunks[0], parts: 5 }],
      'chunk_unexpected',
      'promises 2 parts, a chunk says 5',
    ],
  ])('gives a checkpoint up when its chunks have %s than the manifest says', async (_, sent, reason, message) => {
    const { head, chunks } = inline('abcdef');
    const { log, errors, spool } = await assembled(deliver(...sent(head, chunks)));
    expect(log.at(-1)).toMatch(new RegExp(`^${reason} \\[0 1`));
    expect(errors.at(-1)).toContain(message);
    expect(spool.files.size).toBe(0);
  });

  it('gives an incomplete checkpoint up when the next one of its run comes', async () => {
    const { head, chunks } = inline('abcdef');
    const next = inline('xyz', { step: 200 });
    const { log, errors } = await assembled(deliver(head, chunks[0], next.head, ...next.chunks));
    expect(log).toEqual(['held [0]', 'held [1]', 'chunk_missing [0 1]', 'held [2]', 'work r/200 [2 3]']);
    expect(errors[0]).toContain('1 of 2 parts had come when step 200 came');
    const claim = await assembled(deliver(head, manifest({ step: 200 })));
    expect(claim.log).toEqual(['held [0]', 'chunk_missing [0]', 'work r/200 [1]']);
  });

  it('takes a checkpoint that is published again after its publisher had stopped halfway', async () => {
    const { head, chunks } = inline('abcdef');
    const { log } = await assembled(deliver(head, chunks[0], head, ...chunks));
    expect(log).toEqual(['held [0]', 'held [1]', 'chunk_missing [0 1]', 'held [2]', 'held [3]', 'work r/100 [2 3 4]']);
  });

  it('gives an incomplete checkpoint up when its run finishes, and passes the end on', async () => {
    const { head } = inline('abcdef');
    const { log, events } = await assembled(deliver(head, { v: 1, type: 'finished', panel: 'p', run: 'r', step: 100 }));
    expect(log).toEqual(['held [0]', 'chunk_missing [0]', 'done [1]']);
    expect(events).toContainEqual({ type: 'run-finished', panel: 'p', run: 'r', step: 100 });
  });

  it('gives a checkpoint up after its patience, by the time of the records on the same partition', async () => {
    const { head, chunks } = inline('abcdef');
    const other = (timestamp: number, partition = 0) => ({ record: manifest({ run: 'other' }), timestamp, partition });
    const sent = deliver(head, { record: chunks[0], timestamp: 50 }, other(900, 1), other(150), other(151), chunks[1]);
    const { log, errors } = await assembled(sent, { patienceMs: 100 });
    expect(log).toEqual([
      ...['held [0]', 'held [1]', 'work other/100 [2]', 'work other/100 [3]'],
      ...['chunk_missing [0 1]', 'work other/100 [4]', 'done [5]'],
    ]);
    expect(errors[0]).toContain('no chunk came for long');
  });

  it('refuses a checkpoint larger than the spool before taking any of it', async () => {
    const { head, chunks } = inline('abcdef');
    const { log, errors, spool } = await assembled(deliver(head, ...chunks), { spoolBytes: 5 });
    expect(log).toEqual(['checkpoint_too_large [0]', 'done [1]', 'done [2]']);
    expect(errors[0]).toContain('weights of 6 bytes travel inline, 5 are allowed');
    expect(spool.files.size).toBe(0);
  });

  it('gives up the incomplete checkpoint that waited longest when the spool is full', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((run) => inline('abcdef', { run }));
    const { log } = await assembled(deliver(a.head, b.head, a.chunks[0], c.head), { spoolBytes: 13 });
    expect(log).toEqual(['held [0]', 'held [1]', 'held [2]', 'chunk_missing [1]', 'held [3]']);
  });

  it('waits for complete checkpoints to be evaluated when those fill the spool', async () => {
    const [a, b] = ['a', 'b'].map((run) => inline('abc', { run }));
    const source = new Subject<Delivery>();
    const items: Assembled[] = [];
    const deps = { spool: new MemorySpool(), now: () => NOW, spoolBytes: 5 };
    source.pipe(assembleCheckpoints(deps)).subscribe((item) => items.push(item));
    for (const one of deliver(a.head, ...a.chunks, b.head, ...b.chunks)) source.next(one);
    await firstValueFrom(timer(20));
    expect(items.map(describeItem)).toEqual(['held [0]', 'work a/100 [0 1]']);
    const [, work] = items;
    if (work.kind === 'work') await work.work.discard!();
    await firstValueFrom(timer(20));
    expect(items.slice(2).map(describeItem)).toEqual(['held [2]', 'work b/100 [2 3]']);
  });

  it.each<[string, Uint8Array, string]>([
    ['is not MessagePack', Uint8Array.from([0xc1]), 'record_undecodable'],
    ['has another version', Uint8Array.from([0x81, 0xa1, 0x76, 2]), 'record_version_unknown'],
    ['does not follow its schema', Uint8Array.from([0x81, 0xa1, 0x76, 1]), 'record_invalid'],
  ])('sends a record that %s to dead letters, with where it was', async (_, value, reason) => {
    const bad = delivery(7, value, { topic: 'checkpoints', partition: 3, key: 'run' });
    const deps = { spool: new MemorySpool(), now: () => NOW };
    const items = await firstValueFrom(from([bad, ...deliver(manifest())]).pipe(assembleCheckpoints(deps), toArray()));
    const [first, second] = items;
    expect(describeItem(second)).toBe('work r/100 [0]');
    if (first.kind !== 'emission') throw new Error('expected an emission');
    const [original] = lettersOf(first.emission);
    expect(original).toMatchObject({ topic: 'checkpoints', partition: 3, offset: '7', key: 'run', reason, at: NOW });
    expect([...original.value]).toEqual([...value]);
    const [letter] = first.emission.records;
    expect(letter.key).toBe('run');
    expect(letter.headers).toMatchObject({ topic: 'checkpoints', partition: '3', offset: '7', reason });
  });

  it('fails when the spool fails: a full disk is not the fault of the input', async () => {
    const failing = { create: () => Promise.reject(new Error('ENOSPC')) };
    await expect(assembled(deliver(inline('abc').head), { spool: failing })).rejects.toThrow('ENOSPC');
  });

  it('forgets what it collected of a partition under an earlier lease, without a dead letter', async () => {
    const { head, chunks } = inline('abcdef');
    const other = inline('uvwxyz', { run: 'other' });
    const under = (lease: number, from: number, partition: number, ...records: AnyRecord[]): Delivery[] =>
      records.map((record, i) => ({ ...delivery(from + i, encodeRecord(record), { partition }), lease }));
    const { log, works, spool } = await assembled([
      ...under(1, 0, 0, head, chunks[0]),
      ...under(2, 0, 1, other.head, other.chunks[0]),
      // Partition 0 went to another reader and came back: everything again.
      ...under(3, 0, 0, head, ...chunks),
      ...under(2, 2, 1, other.chunks[1]),
    ]);
    expect(log).toEqual([
      ...['held [0]', 'held [1]', 'held [0]', 'held [1]'],
      ...['held [0]', 'held [1]', 'work r/100 [0 1 2]', 'work other/100 [0 1 2]'],
    ]);
    expect(works.flatMap(({ receipts }) => receipts.map(({ lease }) => lease))).toEqual([3, 3, 3, 2, 2, 2]);
    expect(works.map(({ spooledWeights }) => spool.contentOf(spooledWeights!))).toEqual(['abcdef', 'uvwxyz']);
    expect(spool.files.size).toBe(2);
  });
});
