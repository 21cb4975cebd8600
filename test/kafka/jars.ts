import { execFile, spawnSync } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The two lines of Apache Kafka that are in use. */
export const KAFKA_VERSIONS = ['3.9.2', '4.4.0'] as const;
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number];

/** Ignored by git, and kept from run to run. */
const CACHE = fileURLToPath(new URL('../../.cache/kafka/', import.meta.url));
const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
const ATTEMPTS = 4;

/** Why no broker can run on this machine; undefined when one can. */
export function whyNoBroker(): string | undefined {
  for (const [program, flag] of [
    ['java', '-version'],
    ['mvn', '--version'],
  ])
    if (spawnSync(program, [flag], { stdio: 'ignore' }).status !== 0)
      return `${program} does not run here (Debian: apt-get install openjdk-17-jre-headless maven)`;
  return undefined;
}

/** The folder with a version's jars, fetched with Maven the first time. */
export async function jarsOf(version: KafkaVersion): Promise<string> {
  const dir = join(CACHE, version);
  for (let attempt = 1; !(await exists(dir)); attempt++) {
    try {
      await fetchJars(version, dir);
    } catch (error) {
      if (attempt === ATTEMPTS) throw new Error(`Kafka ${version} cannot be fetched with Maven`, { cause: error });
      await delay(2000 * attempt);
    }
  }
  return dir;
}

/** Into a folder beside it first: other test files may be fetching the same. */
async function fetchJars(version: KafkaVersion, dir: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const fetched = await mkdtemp(join(CACHE, `${version}-`));
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${fetched}`];
    await promisify(execFile)('mvn', ['-q', '-B', '-f', POM, `-Dkafka.version=${version}`, ...goal]);
    await rename(fetched, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
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
