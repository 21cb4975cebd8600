import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, it } from '@jest/globals';

const run = promisify(execFile);

/**
 * A suite that needs a program which is not part of the project. Without it the suite is skipped with a line that says
 * so, and fails where nothing may be skipped (`DISCERN_REQUIRE_ALL=1`).
 */
export function describeWithTool(tool: string, title: string, suite: () => void): void {
  if (isInstalled(tool)) {
    describe(title, suite);
    return;
  }
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
