import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { DiscernError, asDiscernError } from '../errors.js';
import { program } from './program.js';

/** 0 done, 1 the work failed, 2 wrong use (contract §8). */
const FAILED = 1;
const WRONG_USE = 2;

function packageVersion(): string {
  // Compiled, this file is dist/src/cli/main.js.
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  const { code } = asDiscernError(error, 'EVALUATION_FAILED');
  return code === 'USAGE' || code === 'CONFIG_INVALID' || code === 'METRIC_UNKNOWN' ? WRONG_USE : FAILED;
}

function report(error: unknown): void {
  // Commander has already printed its own.
  if (error instanceof CommanderError) return;
  if (error instanceof DiscernError) {
    process.stderr.write(`discern: ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`  ${error.hint}\n`);
    return;
  }
  process.stderr.write(`discern: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

// A reader that has seen enough (`| head`) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program(packageVersion()).parseAsync();
} catch (error) {
  report(error);
  process.exitCode = exitCodeOf(error);
}
