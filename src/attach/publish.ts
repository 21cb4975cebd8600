import { encodeRecord } from '../../streams/codec.js';
import { checkpointKey } from '../../streams/keys.js';
import { CHECKPOINTS } from '../../streams/topics.js';
import type { CheckpointManifest, CheckpointRecord } from '../../streams/records.js';
import type { Log, NewRecord } from '../log/log.js';
import { chunksOf } from './manifest.js';

/** How weights travel: as a pointer to a file the evaluator can read, or through the log. */
export type Transport = 'claim' | 'inline';

/**
 * Publishes a checkpoint; resolves once the log has it durably.
 *
 * @param weights path of the file whose chunks follow the manifest when it says that they do
 */
export async function publishManifest(log: Log, manifest: CheckpointManifest, weights: string): Promise<void> {
  await log.store({ records: [recordOf(manifest.run, manifest)], done: [] });
  if (!('parts' in manifest.weights)) return;
  for await (const chunk of chunksOf(manifest, weights, manifest.weights.parts))
    await log.store({ records: [recordOf(manifest.run, chunk)], done: [] });
}

/** Says that a run has ended: it is then neither silent nor, after a while, shown. */
export async function publishFinished(log: Log, panel: string, run: string, step: number): Promise<void> {
  await log.store({ records: [recordOf(run, { v: 1, type: 'finished', panel, run, step })], done: [] });
}

function recordOf(run: string, value: CheckpointRecord): NewRecord {
  return { topic: CHECKPOINTS, key: checkpointKey(run), value: encodeRecord(value) };
}
