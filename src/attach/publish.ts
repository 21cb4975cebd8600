import { encodeRecord } from '../../streams/codec.js';
import { checkpointKey } from '../../streams/keys.js';
import { CHECKPOINTS } from '../../streams/topics.js';
import type { CheckpointRecord } from '../../streams/records.js';
import type { Log, NewRecord } from '../log/log.js';
import { chunksOf, claimManifest, inlineManifest, type Publication } from './manifest.js';

/** How weights travel: as a pointer to a file the evaluator can read, or through the log. */
export type Transport = 'claim' | 'inline';

/** Publishes a checkpoint; resolves once the log has it durably. */
export async function publish(log: Log, publication: Publication & { readonly transport: Transport }): Promise<void> {
  const { panel, identity } = publication;
  const record = (value: CheckpointRecord): NewRecord => ({
    topic: CHECKPOINTS,
    key: checkpointKey({ panel, run: identity.run }),
    value: encodeRecord(value),
  });
  if (publication.transport === 'claim') {
    await log.store({ records: [record(await claimManifest(publication))], done: [] });
    return;
  }
  const manifest = await inlineManifest(publication);
  await log.store({ records: [record(manifest)], done: [] });
  const parts = 'parts' in manifest.weights ? manifest.weights.parts : 0;
  for await (const chunk of chunksOf(publication, parts)) await log.store({ records: [record(chunk)], done: [] });
}

/** Says that a run has ended: it is then neither silent nor, after a while, shown. */
export async function publishFinished(log: Log, panel: string, run: string, step: number): Promise<void> {
  const value: CheckpointRecord = { v: 1, type: 'finished', panel, run, step };
  await log.store({
    records: [{ topic: CHECKPOINTS, key: checkpointKey({ panel, run }), value: encodeRecord(value) }],
    done: [],
  });
}
