import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import { attach, type AttachEvent, type AttachOptions } from '../../../src/attach/attach.js';
import { CHUNK_BYTES, claimManifest } from '../../../src/attach/manifest.js';
import { publishManifest } from '../../../src/attach/publish.js';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import type { Log, NewRecord } from '../../../src/log/log.js';
import { openCheckpoint } from '../../../src/sae/readers.js';
import { writeSafetensors } from '../../../src/tensors/write-safetensors.js';
import { decodeCheckpointRecord } from '../../../streams/codec.js';
import type { CheckpointRecord } from '../../../streams/records.js';
import { CHECKPOINTS, TOPICS } from '../../../streams/topics.js';
import { discern } from '../cli/discern.js';
import { saeLensConfig, saeLensFiles, standardTensors, tensor } from '../sae/checkpoints.js';
import { recordsOf } from '../service/topics.js';
import { temporaryFolders } from '../tensors/temporary-folder.js';
import { thrown } from '../tensors/thrown.js';

const folder = temporaryFolders();
const NOW = '2026-01-01T00:00:00.000Z';

type Files = Readonly<Record<string, string | Uint8Array>>;

function under(dir: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${dir}/${name}`, content]));
}

/** Checkpoints that differ in their weights. */
const checkpoint = (first: number): Files => saeLensFiles({}, { ...standardTensors(), b_dec: tensor([3], first) });

/** A checkpoint of several chunks. */
function large(): Files {
  const [dIn, dSae] = [64, 4096];
  const tensors = {
    W_enc: tensor([dIn, dSae]),
    W_dec: tensor([dSae, dIn]),
    b_enc: tensor([dSae]),
    b_dec: tensor([dIn]),
  };
  return {
    'cfg.json': JSON.stringify(saeLensConfig({ d_in: dIn, d_sae: dSae })),
    'sae_weights.safetensors': writeSafetensors(tensors),
  };
}

async function inLog<T>(test: (log: Log) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog(await folder(), { pollMs: 20 });
  try {
    await log.ensureTopics(TOPICS);
    return await test(log);
  } finally {
    await log.close();
  }
}

function describeEvent(event: AttachEvent): string {
  switch (event.type) {
    case 'caught-up':
      return event.type;
    case 'held':
      return `held ${event.error.code}`;
    default:
      return `${event.type} ${event.manifest.run}@${event.manifest.step}`;
  }
}

/** Attaches until everything that is there has been looked at. */
async function attachOnce(log: Log, root: string, change: Partial<AttachOptions> = {}): Promise<string[]> {
  const options: AttachOptions = { panel: 'p', transport: 'claim', now: () => NOW, quietMs: 10, ...change };
  const events = attach(log, root, options).pipe(takeWhile(({ type }) => type !== 'caught-up', true));
  return (await lastValueFrom(events.pipe(toArray()))).map(describeEvent);
}

async function published(log: Log): Promise<readonly CheckpointRecord[]> {
  return (await recordsOf(log, CHECKPOINTS)).map(({ value }) => decodeCheckpointRecord(value));
}

/** A log whose `store` is something else. */
function storing(log: Log, store: Log['store']): Log {
  return {
    description: log.description,
    ensureTopics: (topics) => log.ensureTopics(topics),
    read: (subscription) => log.read(subscription),
    store,
    end: (topic) => log.end(topic),
    lag: (group) => log.lag(group),
    close: () => log.close(),
  };
}

describe('attaching to a folder', () => {
  it('publishes what is there, and not again when one attaches again', () =>
    inLog(async (log) => {
      const root = await folder({ ...under('a/step-2', checkpoint(2)), ...under('a/step-1', checkpoint(1)) });
      expect(await attachOnce(log, root)).toEqual(['published a@1', 'published a@2', 'caught-up']);
      expect(await attachOnce(log, root)).toEqual(['known a@1', 'known a@2', 'caught-up']);
      expect(await published(log)).toMatchObject([
        {
          ...{ type: 'checkpoint', panel: 'p', run: 'a', step: 1, publishedAt: NOW },
          weights: { uri: expect.stringMatching(/^file:.*\/a\/step-1\/sae_weights\.safetensors$/) },
        },
        { type: 'checkpoint', panel: 'p', run: 'a', step: 2 },
      ]);
    }));

  it('says where evaluators find the folder, when it is told', () =>
    inLog(async (log) => {
      const root = await folder(under('a b/step-1', checkpoint(1)));
      for (const uriBase of ['s3://saes/runs', 'https://models.example.org/runs/'])
        await attachOnce(log, root, { uriBase, panel: uriBase });
      const uris = (await published(log)).map((record) => 'weights' in record && record.weights);
      expect(uris).toMatchObject([
        { uri: 's3://saes/runs/a%20b/step-1/sae_weights.safetensors' },
        { uri: 'https://models.example.org/runs/a%20b/step-1/sae_weights.safetensors' },
      ]);
    }));

  it('publishes a checkpoint of other weights, of another panel, or of another step', () =>
    inLog(async (log) => {
      const root = await folder(under('a/step-1', checkpoint(1)));
      await attachOnce(log, root);
      expect(await attachOnce(log, root, { panel: 'q' })).toContain('published a@1');
      await cp(join(root, 'a/step-1'), join(root, 'a/step-2'), { recursive: true });
      expect(await attachOnce(log, root)).toEqual(['known a@1', 'published a@2', 'caught-up']);
      const other = await folder(under('a/step-1', checkpoint(7)));
      expect(await attachOnce(log, other)).toContain('published a@1');
    }));

  it('goes past what cannot be published', () =>
    inLog(async (log) => {
      const root = await folder({
        ...under('a/step-1', { 'cfg.json': '{}' }),
        ...under('a/step-2', { ...checkpoint(1), 'cfg.json': '[]' }),
        ...under('a/last', checkpoint(1)),
        ...under('a/step-3', checkpoint(1)),
      });
      const events = await attachOnce(log, root);
      expect([...events].sort()).toEqual([
        'caught-up',
        'held CHECKPOINT_CONFIG_INVALID',
        'held CHECKPOINT_INCOMPLETE',
        'held CHECKPOINT_STEP_UNKNOWN',
        'published a@3',
      ]);
      expect(events.at(-1)).toBe('caught-up');
    }));

  it('goes past a checkpoint that no record can hold', () =>
    inLog(async (log) => {
      const name = 'r'.repeat(201);
      const root = await folder({ ...under(`${name}/step-1`, checkpoint(1)), ...under('a/step-2', checkpoint(2)) });
      expect(await attachOnce(log, root)).toEqual(['held RECORD_INVALID', 'published a@2', 'caught-up']);
    }));

  it('fails when the log does', async () => {
    const root = await folder(under('a/step-1', checkpoint(1)));
    const log = await openEmbeddedLog(await folder());
    await log.ensureTopics(TOPICS);
    await log.close();
    expect((await thrown(attachOnce(log, root))).code).toBe('LOG_UNAVAILABLE');
  });

  it('publishes inline weights in chunks behind their manifest, and not again', () =>
    inLog(async (log) => {
      const files = large();
      const root = await folder(under('a/step-1', files));
      expect(await attachOnce(log, root, { transport: 'inline' })).toEqual(['published a@1', 'caught-up']);
      const [manifest, ...chunks] = await published(log);
      const { byteLength } = files['sae_weights.safetensors'] as Uint8Array;
      const parts = Math.ceil(byteLength / CHUNK_BYTES);
      expect(parts).toBeGreaterThan(2);
      expect(manifest).toMatchObject({ type: 'checkpoint', weights: { parts, bytes: byteLength } });
      expect(chunks).toMatchObject(Array.from({ length: parts }, (_, part) => ({ type: 'chunk', part, parts })));
      expect(await attachOnce(log, root, { transport: 'inline' })).toEqual(['known a@1', 'caught-up']);
    }));

  it.each([1, 2, 3])('publishes inline weights again of which a killed publisher had stored %i records', (stored) =>
    inLog(async (log) => {
      const root = await folder(under('a/step-1', large()));
      let left = stored;
      const records = (emission: { readonly records: readonly NewRecord[] }): number => emission.records.length;
      const dying = storing(log, (emission) => {
        if (records(emission) > 0 && left-- === 0) return Promise.reject(new Error('killed'));
        return log.store(emission);
      });
      await expect(attachOnce(dying, root, { transport: 'inline' })).rejects.toThrow('killed');
      expect(await published(log)).toHaveLength(stored);
      expect(await attachOnce(log, root, { transport: 'inline' })).toEqual(['published a@1', 'caught-up']);
      expect(await attachOnce(log, root, { transport: 'inline' })).toEqual(['known a@1', 'caught-up']);
    }),
  );
});

describe('publishing a checkpoint that has gone', () => {
  it('says that it cannot be read', () =>
    inLog(async (log) => {
      const root = await folder({ ...under('a/step-1', checkpoint(1)) });
      const source = await openCheckpoint(join(root, 'a/step-1'));
      const identity = { run: 'a', variant: 'a', trainSeed: 0, step: 1, tokens: 1 };
      const publication = { panel: 'p', identity, source, publishedAt: NOW };
      const manifest = await claimManifest(publication);
      await rm(join(root, 'a'), { recursive: true });
      expect(await thrown(claimManifest(publication))).toMatchObject({
        code: 'WEIGHTS_UNREACHABLE',
        message: expect.stringContaining(source.weights),
      });
      const inline = { ...manifest, weights: { parts: 1, bytes: 1, sha256: 'a'.repeat(64) } };
      expect((await thrown(publishManifest(log, inline, source.weights))).code).toBe('WEIGHTS_UNREACHABLE');
    }));
});

describe('discern watch --once', () => {
  it('publishes what is there, says what it leaves out, and ends', async () => {
    const root = await folder({
      ...under('a/step-1', checkpoint(1)),
      ...under('a/step-2', checkpoint(2)),
      ...under('a/step-3', { 'cfg.json': '{}' }),
      ...under('b/best', checkpoint(3)),
    });
    const dir = await folder();
    const watch = (...args: string[]) =>
      discern(['watch', root, '--panel', 'p', '--once', '--log-embedded-dir', dir, ...args]);
    const first = await watch();
    expect(first).toMatchObject({ code: 0, stdout: '' });
    const lines = first.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ msg }) => msg === 'published')).toMatchObject([
      { run: 'a', step: 1 },
      { run: 'a', step: 2 },
    ]);
    const held = lines.filter(({ msg }) => msg === 'not published');
    expect(held).toContainEqual(
      expect.objectContaining({ dir: join(root, 'a/step-3'), reason: 'checkpoint_incomplete' }),
    );
    expect(held).toContainEqual(
      expect.objectContaining({
        dir: join(root, 'b/best'),
        reason: 'checkpoint_step_unknown',
        hint: expect.stringContaining('--step N'),
      }),
    );
    const second = await watch();
    expect(second.code).toBe(0);
    expect(second.stderr).not.toContain('"msg":"published"');
  });

  it('is used wrongly on a folder that is not there', async () => {
    const { code, stderr } = await discern(['watch', '/nowhere/at/all', '--panel', 'p', '--once']);
    expect(code).toBe(2);
    expect(stderr).toContain('/nowhere/at/all: no such folder');
  });
});
