import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What tests write lies in one folder, which goes when they are done: also what a process that was killed has left. */
export default async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'discern-tests-'));
  globalThis.temporaryFiles = folder;
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
}
