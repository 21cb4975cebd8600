import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Ignored by git, and kept from run to run. */
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const PACKAGES = ['confluent-kafka==2.16.1', 'msgpack==1.2.4'];
const SCRIPT = fileURLToPath(new URL('interop.py', import.meta.url));
const run = promisify(execFile);

/** Runs interop.py with the packages that it needs, which are fetched the first time; what it prints. */
export async function python(...args: string[]): Promise<string> {
  const packages = join(CACHE, 'python');
  if (!(await exists(packages))) await install(packages);
  const { stdout } = await run('python3', [SCRIPT, ...args], { env: { ...process.env, PYTHONPATH: packages } });
  return stdout;
}

/** Why Python cannot be used on this machine; undefined when it can. */
export async function whyNoPython(): Promise<string | undefined> {
  try {
    await run('python3', ['-m', 'pip', '--version']);
    return undefined;
  } catch {
    return 'python3 with pip does not run here (Debian: apt-get install python3-pip)';
  }
}

async function install(dir: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const fetched = await mkdtemp(join(CACHE, 'python-'));
  try {
    await run('python3', ['-m', 'pip', 'install', '-q', '--retries', '5', '--target', fetched, ...PACKAGES]);
    await rename(fetched, dir);
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
