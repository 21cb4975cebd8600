import type { Delivery } from '../../src/log/log.js';
import type { CheckpointManifest, ScoreRecord } from '../../streams/records.js';

export const SHA = 'a'.repeat(64);

export function manifest(change: Partial<CheckpointManifest> = {}): CheckpointManifest {
  return {
    v: 1,
    type: 'checkpoint',
    panel: 'p',
    run: 'r',
    variant: 'topk-k16',
    trainSeed: 0,
    step: 100,
    tokens: 204_800,
    format: 'sae_lens',
    config: { architecture: 'topk', k: 16 },
    weights: { uri: 'file:///weights', sha256: SHA, bytes: 10 },
    publishedAt: '2026-01-01T00:00:00Z',
    ...change,
  };
}

export function score(change: Partial<ScoreRecord> = {}): ScoreRecord {
  return {
    v: 1,
    type: 'score',
    panel: 'p',
    run: 'r',
    variant: 'topk-k16',
    trainSeed: 0,
    step: 100,
    tokens: 204_800,
    metric: 'sae_probes_auc',
    param: 'k=5',
    task: null,
    seed: 42,
    value: 0.75,
    evaluatedAt: '2026-01-01T00:00:00Z',
    ...change,
  };
}

/** A delivery as a log would hand it out. */
export function delivery(offset: number, value: Uint8Array, change: Partial<Delivery['record']> = {}): Delivery {
  const record = {
    topic: 't',
    partition: 0,
    offset: BigInt(offset),
    key: 'k',
    value,
    headers: {},
    timestamp: 0,
    ...change,
  };
  return { record, reader: Symbol.for('test') };
}
