import { cp, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../code-blocks.js';
import { namedFolders } from './folders.js';

/** What a clone lacks, what is too large to copy, and what no command of a document needs. */
const LEFT_OUT = /^(\.git|\.cache|\.discern|coverage|node_modules|test|bench|grafana)$/;

/** A script under the name that the documents call a program by. */
const shim = (command: string): string => `#!/bin/sh\nexec ${command} "$@"\n`;

/**
 * What a reader has after `npm ci`: a copy of the project, built, in a folder of its own. It also has the folders that the
 * documents name, such as path/to/bundle, so that blocks are run as they stand.
 */
export async function makeClone(alertmanager: string): Promise<string> {
  const clone = await mkdtemp(join(tmpdir(), 'discern-docs-'));
  const entries = (await readdir(ROOT)).filter((name) => !LEFT_OUT.test(name));
  await Promise.all(
    entries.map((name) => cp(join(ROOT, name), join(clone, name), { recursive: true, filter: isNoImage })),
  );
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  await namedFolders(clone);
  const programs = programsOf(clone);
  await mkdir(programs);
  // npx runs the clone's own command, but would first install the clone into its cache, which takes a build.
  const discern = `'${process.execPath}' '${join(clone, 'bin/discern.js')}'`;
  await writeFile(join(programs, 'discern'), shim(discern), { mode: 0o755 });
  await writeFile(join(programs, 'npx'), shim(''), { mode: 0o755 });
  await writeFile(join(programs, 'alertmanager'), shim(alertmanager), { mode: 0o755 });
  return clone;
}

/** Programs that are found before others. */
export function programsOf(clone: string): string {
  return join(clone, '.programs');
}

function isNoImage(path: string): boolean {
  return !path.endsWith('.png');
}
