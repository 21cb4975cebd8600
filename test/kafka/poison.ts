import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorCode } from '../../src/errors.js';
import type { Mt19937 } from '../../src/random/mt19937.js';
import { openCheckpoint } from '../../src/sae/readers.js';
import { writeSafetensors } from '../../src/tensors/write-safetensors.js';
import { packStandard } from '../../streams/message-pack.js';
import { PANEL } from './workload.js';

/** A record as bytes, and what must become of it where that is a dead letter of its own. */
export interface Poison {
  readonly key: string;
  readonly value: Uint8Array;
  readonly reason?: Lowercase<ErrorCode>;
  /** Milliseconds before now at which it claims to have been written. */
  readonly age?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** What records are made of: a checkpoint that could be scored. */
export interface Sample {
  readonly format: string;
  readonly config: Fields;
  readonly content: Uint8Array;
  readonly weights: { readonly uri: string; readonly sha256: string; readonly bytes: number };
}

export async function sampleOf(dir: string): Promise<Sample> {
  const { format, config, weights } = await openCheckpoint(dir);
  // A copy: slices of a Buffer would share its bytes.
  const content = Uint8Array.from(await readFile(weights));
  return { format, config, content, weights: claimOf(weights, content) };
}

/** How many parts weights that travel inline have here, however small they are. */
export const PARTS = 4;

const manifest = (run: string, { format, config, weights }: Sample, changes: Fields = {}): Fields => ({
  ...{ v: 1, type: 'checkpoint', panel: PANEL, run, variant: run, trainSeed: 0, step: 100, tokens: 1000 },
  ...{ format, config, weights, publishedAt: '2026-01-01T00:00:00Z', ...changes },
});

const inline = ({ weights: { bytes, sha256 } }: Sample): Fields => ({ weights: { parts: PARTS, bytes, sha256 } });

function chunks(run: string, { content }: Sample): Fields[] {
  const size = Math.ceil(content.byteLength / PARTS);
  return Array.from({ length: PARTS }, (_, part) => ({
    ...{ v: 1, type: 'chunk', run, step: 100, part, parts: PARTS },
    data: content.slice(part * size, (part + 1) * size),
  }));
}

const finished = (run: string): Fields => ({ v: 1, type: 'finished', panel: PANEL, run, step: 100 });

/** Records of one run, in order. Those with a reason are told in dead letters. */
const records = (run: string, ...fields: readonly (Fields | readonly [Fields, Poison['reason']])[]): Poison[] =>
  fields.map((entry) => {
    const [record, reason] = Array.isArray(entry) ? (entry as readonly [Fields, Poison['reason']]) : [entry as Fields];
    return { key: run, value: packStandard(record), ...(reason === undefined ? {} : { reason }) };
  });

/** A checkpoint that can be scored: by claim check, or in parts. */
export function good(run: string, sample: Sample, transport: 'claim' | 'inline'): Poison[] {
  if (transport === 'claim') return records(run, manifest(run, sample));
  return records(run, manifest(run, sample, inline(sample)), ...chunks(run, sample));
}

export interface Places {
  /** A folder that is allowed. */
  readonly root: string;
  /** The URI of a file of that content that cannot be fetched for a reason that is the evaluator's. */
  readonly unfetchable: { readonly uri: string; readonly content: Uint8Array };
}

/**
 * A run for each way not to become a score; where something of it still does, `scored` names the run.
 *
 * @param tag makes the runs' names new ones
 */
export async function bad(
  sample: Sample,
  { root, unfetchable }: Places,
  tag: string,
): Promise<{ readonly records: readonly Poison[]; readonly scored: readonly string[] }> {
  const scored: string[] = [];
  const all: Poison[] = [];
  const add = (name: string, make: (run: string) => readonly Poison[]): void => {
    all.push(...make(`${tag}-${name}`));
  };
  const claimed = (name: string, reason: Poison['reason'], changes: Fields): void =>
    add(name, (run) => records(run, [manifest(run, sample, changes), reason]));
  const other = createHash('sha256').update('other').digest('hex');
  const { weights, config } = sample;
  const [dIn, dSae] = [Number(config['d_in']), Number(config['d_sae'])];

  add('undecodable', (run) => [{ key: run, value: Uint8Array.of(0xc1), reason: 'record_undecodable' }]);
  claimed('version', 'record_version_unknown', { v: 2 });
  claimed('schema', 'record_invalid', { step: 'a hundred' });
  claimed('format', 'checkpoint_format_unknown', { format: 'pickle' });
  claimed('panel', 'panel_unknown', { panel: 'nowhere' });
  claimed('architecture', 'checkpoint_architecture_unknown', { config: { ...config, architecture: 'quantum' } });
  claimed('config', 'checkpoint_config_invalid', { config: { ...config, d_in: -1 } });
  claimed('digest', 'weights_hash_mismatch', { weights: { ...weights, sha256: other } });
  claimed('size', 'weights_hash_mismatch', { weights: { ...weights, bytes: weights.bytes + 1 } });
  claimed('root', 'weights_forbidden', { weights: { ...weights, uri: 'file:///etc/passwd' } });
  claimed('host', 'weights_forbidden', { weights: { ...weights, uri: 'http://169.254.169.254/latest/meta-data' } });
  claimed('bucket', 'weights_forbidden', { weights: { ...weights, uri: 's3://somebody/weights' } });
  claimed('gone', 'weights_unreachable', { weights: { ...weights, uri: `${pathToFileURL(root).href}/gone` } });
  claimed('disk', 'evaluation_failed', { weights: { uri: unfetchable.uri, ...digestOf(unfetchable.content) } });
  claimed('large', 'checkpoint_too_large', { weights: { parts: 2 ** 30, bytes: 2 ** 50, sha256: other } });
  claimed('shape', 'checkpoint_shape_mismatch', { config: { ...config, d_sae: dSae + 1 } });
  const file = async (name: string, content: Uint8Array): Promise<Fields> => {
    await mkdir(root, { recursive: true });
    await writeFile(join(root, name), content);
    return { weights: claimOf(join(root, name), content) };
  };
  claimed('truncated', 'checkpoint_incomplete', await file(`${tag}-truncated`, sample.content.subarray(0, -1)));
  claimed('garbage', 'checkpoint_corrupt', await file(`${tag}-garbage`, new Uint8Array(1000).fill(0x7f)));
  const empty = { dtype: 'F32', shape: [dIn, dSae], data: new Float32Array(dIn * dSae) } as const;
  const few = writeSafetensors({ W_enc: empty });
  claimed('tensor', 'checkpoint_tensor_missing', await file(`${tag}-tensor`, few));
  claimed('nan', 'checkpoint_not_finite', await file(`${tag}-nan`, withNaN(sample.content)));

  const [first, second, third, last] = [0, 1, 2, 3];
  const assembled = (name: string, make: (run: string, parts: Fields[]) => Parameters<typeof records>[1][]): void =>
    add(name, (run) => records(run, ...make(run, chunks(run, sample))));
  const head = (run: string): Fields => manifest(run, sample, inline(sample));
  assembled('missing', (run, parts) => [[head(run), 'chunk_missing'], parts[first], parts[third], parts[last]]);
  assembled('ended', (run, parts) => [[head(run), 'chunk_missing'], parts[first], finished(run)]);
  assembled('miscounted', (run, parts) => [[head(run), 'chunk_unexpected'], { ...parts[first], parts: PARTS + 1 }]);
  assembled('corrupt', (run, parts) => [
    [head(run), 'weights_hash_mismatch'],
    ...parts.slice(first, last),
    { ...parts[last], data: new Uint8Array((parts[last].data as Uint8Array).byteLength) },
  ]);
  assembled('orphan', (_, parts) => [[parts[first], 'chunk_unexpected'], parts[second]]);
  assembled('surplus', (run, parts) => {
    scored.push(run);
    return [head(run), ...parts, [parts[last], 'chunk_unexpected']];
  });
  assembled('twice', (run, parts) => {
    scored.push(run);
    return [head(run), parts[first], [parts[first], 'chunk_unexpected'], ...parts.slice(second)];
  });
  // Whatever comes on its partition later tells that time has passed.
  add('silent', (run) =>
    records(run, [head(run), 'chunk_missing'], chunks(run, sample)[first]).map((record) => ({
      ...record,
      age: 3_600_000,
    })),
  );
  return { records: all, scored };
}

/** Random bytes, and records with random bytes changed, cut off or repeated: none of them can become a score. */
export function noise(sample: Sample, random: Mt19937, count: number, tag: string): Poison[] {
  const below = (limit: number): number => random.uint32() % limit;
  return Array.from({ length: count }, (_, i) => {
    const run = `${tag}-noise-${i}`;
    const value =
      i % 2 === 0
        ? Uint8Array.from({ length: below(300) }, () => below(256))
        : mutated(packStandard(manifest(run, sample, { panel: 'nowhere' })), below);
    return { key: run, value };
  });
}

function mutated(record: Uint8Array, below: (limit: number) => number): Uint8Array {
  const at = below(record.byteLength);
  switch (below(3)) {
    case 0:
      return record.slice(0, at);
    case 1:
      return Uint8Array.from([...record.slice(0, at), ...record.slice(below(at + 1))]);
    default:
      return record.map((byte) => (below(20) === 0 ? byte ^ (1 << below(8)) : byte));
  }
}

/** The last number of the file is NaN. */
function withNaN(content: Uint8Array): Uint8Array {
  const changed = content.slice();
  new DataView(changed.buffer).setFloat32(changed.byteLength - 4, NaN, true);
  return changed;
}

function claimOf(path: string, content: Uint8Array): Sample['weights'] {
  return { uri: pathToFileURL(path).href, ...digestOf(content) };
}

function digestOf(content: Uint8Array): { sha256: string; bytes: number } {
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.byteLength };
}
