import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { DiscernError } from '../errors.js';
import { inspectDataFile } from './data-file.js';

const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

/**
 * Opens, or creates, the LMDB environment of an embedded log. The folder must be a log, or empty, or not there yet:
 * nothing is ever created among a user's other files.
 *
 * Transactions are flushed to disk before they resolve (no overlapping sync): an acknowledged record survives a power
 * failure.
 *
 * @throws DiscernError LOG_UNAVAILABLE
 */
export async function openEnvironment(dir: string): Promise<RootDatabase> {
  await ensureFolder(dir);
  await refuseForeignFolder(dir);
  await refuseDamagedFile(join(dir, DATA_FILE));
  try {
    return open({ path: dir, noSubdir: false, overlappingSync: false, maxDbs: 8, encoding: 'binary' });
  } catch (error) {
    throw unavailable(
      dir,
      `cannot be opened: ${textOf(error)}`,
      'Move the folder away to start with an empty log.',
      error,
    );
  }
}

/** A LOG_UNAVAILABLE error about the log in a folder. */
export function unavailable(dir: string, what: string, hint: string, cause?: unknown): DiscernError {
  return new DiscernError('LOG_UNAVAILABLE', `the log in ${dir} ${what}`, { cause, hint });
}

/** The message of an error; lmdb tells why a commit failed in a promise beside the error. */
export async function reasonOf(error: unknown): Promise<string> {
  try {
    await propertyOf(error, 'commitError');
  } catch (commitError) {
    return textOf(commitError);
  }
  return textOf(error);
}

function textOf(error: unknown): string {
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? message : String(error);
}

/** A property of whatever was thrown. */
function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

async function ensureFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const file of [DATA_FILE, LOCK_FILE])
      await access(join(dir, file), constants.R_OK | constants.W_OK).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
  } catch (error) {
    const hint = 'Choose another folder for the log (log.embedded.dir), or give this user write permission on it.';
    throw unavailable(dir, `cannot be written: ${textOf(error)}`, hint, error);
  }
}

async function refuseForeignFolder(dir: string): Promise<void> {
  const entries = await readdir(dir);
  if (entries.length === 0 || entries.includes(DATA_FILE) || entries.includes(LOCK_FILE)) return;
  const found = entries.slice(0, 3).join(', ');
  throw unavailable(
    dir,
    `is no log: the folder has other files (${found})`,
    'Choose an empty or new folder for the log.',
  );
}

async function refuseDamagedFile(path: string): Promise<void> {
  // The layout of the file is known for 64-bit machines only.
  if (process.arch === 'arm' || process.arch === 'ia32') return;
  let fault;
  try {
    fault = await inspectDataFile(path);
  } catch (error) {
    if (isMissing(error)) return;
    throw unavailable(
      path,
      `cannot be read: ${textOf(error)}`,
      'Check the disk and the permissions of the file.',
      error,
    );
  }
  if (fault !== undefined)
    throw unavailable(
      path,
      `cannot be opened: ${fault}`,
      'Restore the file, or move it away to start with an empty log.',
    );
}

function isMissing(error: unknown): boolean {
  return propertyOf(error, 'code') === 'ENOENT';
}
