import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What tests write lies in one folder, which goes when they are done: also what a process that was killed has left. */
export default async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'discern-tests-'));
  // As open as the folder that it stands for: some tests go on as another user.
  await chmod(folder, 0o755);
  globalThis.temporaryFiles = folder;
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
}
