import { claimManifest, inlineManifest } from '../../src/attach/manifest.js';
import { publishManifest } from '../../src/attach/publish.js';
import type { Log } from '../../src/log/log.js';
import { openCheckpoint } from '../../src/sae/readers.js';
import type { TinyPanel } from '../src/cli/tiny-panel.js';

export const PANEL = 'tiny';

export interface Checkpoint {
  readonly run: string;
  readonly step: number;
  readonly dir: string;
  readonly transport: 'claim' | 'inline';
}

/** So many runs of so many steps, whose weights are those of the panel's checkpoints in turn; every other run inline. */
export function checkpointsOf(panel: TinyPanel, runs: number, steps: number): Checkpoint[] {
  return Array.from({ length: runs * steps }, (_, i) => {
    const run = i % runs;
    const step = Math.floor(i / runs);
    const dir = panel.checkpoints[(step + 3 * run) % panel.checkpoints.length];
    return { run: `run-${run}`, step: 100 * (step + 1), dir, transport: run % 2 === 0 ? 'claim' : 'inline' };
  });
}

export async function publish(log: Log, { run, step, dir, transport }: Checkpoint): Promise<void> {
  const source = await openCheckpoint(dir);
  const identity = { run, variant: run, trainSeed: 0, step, tokens: 1000 * step };
  const describe = transport === 'claim' ? claimManifest : inlineManifest;
  const manifest = await describe({ panel: PANEL, identity, source, publishedAt: new Date().toISOString() });
  await publishManifest(log, manifest, source.weights);
}
