import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, it } from '@jest/globals';

const run = promisify(execFile);

/** As Debian names it, or as its own releases do. */
export const ALERTMANAGER = isInstalled('prometheus-alertmanager') ? 'prometheus-alertmanager' : 'alertmanager';

/**
 * A suite that needs programs which are not part of the project. Without them the suite is skipped with a line that says
 * so, and fails where nothing may be skipped (`DISCERN_REQUIRE_ALL=1`).
 */
export function describeWithTool(tools: string | readonly string[], title: string, suite: () => void): void {
  const missing = [tools].flat().filter((tool) => !isInstalled(tool));
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  const tool = missing.join(', ');
  if (process.env.DISCERN_REQUIRE_ALL === '1')
    it(title, () => {
      throw new Error(`${tool} is not installed, although DISCERN_REQUIRE_ALL=1`);
    });
  else {
    process.stderr.write(`${title}: skipped, since ${tool} is not installed\n`);
    describe.skip(title, suite);
  }
}

/** Runs a program to its end. Rejects with its whole output when it fails. */
export async function runTool(tool: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(tool, [...args], { maxBuffer: 1 << 24 });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${tool} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

function isInstalled(tool: string): boolean {
  return spawnSync(tool, ['--version']).error === undefined;
}
