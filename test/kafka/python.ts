import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Ignored by git, and kept from run to run. */
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const PACKAGES = ['confluent-kafka==2.16.1', 'msgpack==1.2.4', 'numpy==2.2.6', 'safetensors==0.8.0'];
const SCRIPT = fileURLToPath(new URL('interop.py', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../python/src', import.meta.url));
const run = promisify(execFile);

/** Runs interop.py with the packages that it needs, which are fetched the first time; what it prints. */
export async function python(...args: string[]): Promise<string> {
  const { stdout } = await run('python3', [SCRIPT, ...args], { env: await environment(), maxBuffer: 1 << 26 });
  return stdout;
}

/** interop.py while it runs: it prints lines, and goes on when it is told to by a line. */
export async function startPython(...args: string[]): Promise<ChildProcessWithoutNullStreams> {
  return spawn('python3', [SCRIPT, ...args], { env: await environment() });
}

/** Variables with which Python finds the package of this project and what that needs, which is fetched the first time. */
export async function environment(): Promise<NodeJS.ProcessEnv> {
  const packages = join(CACHE, `python-${createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8)}`);
  if (!(await exists(packages))) await install(packages);
  return { ...process.env, PYTHONPATH: `${packages}${delimiter}${SOURCES}`, PYTHONDONTWRITEBYTECODE: '1' };
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
