import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DiscernError } from '../../errors.js';
import type { Score } from '../../metrics/metric.js';
import type { CheckpointIdentity } from '../../attach/layout.js';
import { identityOf, nameOf, type IdentityOptions, type SaeIdentity } from './identity.js';
import { readResults, refuseOther } from './read-file.js';
import type { Measure, SaeBenchResult } from './reader.js';

/** A score of a checkpoint that was measured elsewhere. */
export type ImportedScore = CheckpointIdentity &
  Score & {
    readonly panel: string;
    /** ISO 8601 */
    readonly evaluatedAt: string;
  };

export interface Imported {
  readonly scores: readonly ImportedScore[];
  /** What was read otherwise than it says, or left out, in words. */
  readonly remarks: readonly string[];
}

interface Found {
  readonly file: string;
  readonly result: SaeBenchResult;
  readonly identity: SaeIdentity;
}

/**
 * Reads SAEBench's result files into scores, ordered by file. A folder is searched with its subfolders: files named
 * `*_eval_results.json` must be results, other JSON that is none is passed over. All or nothing: one malformed file, and
 * there are no scores.
 *
 * @throws DiscernError SCORES_INVALID with the file and the JSON path of the fault, or when there is no result; USAGE
 */
export async function importResults(paths: readonly string[], options: IdentityOptions): Promise<Imported> {
  const remarks: string[] = [];
  const found: Found[] = [];
  for (const path of paths) {
    const files = await filesIn(path);
    for (const file of files) {
      const results = await readResults(file);
      if (results === undefined && mustBeResult(file, path)) refuseOther(file);
      if (results === undefined) remarks.push(`${file}: passed over: it has no eval_type_id`);
      for (const result of results ?? [])
        found.push({ file, result, identity: identityOf(nameOf(result, basename(file)), result, options) });
    }
  }
  if (found.length === 0)
    throw new DiscernError('SCORES_INVALID', `${paths.join(', ')}: no result of SAEBench there`, {
      hint: 'Result files are JSON with the key eval_type_id, as SAEBench writes them to its --output_folder.',
    });
  assertOneRun(found, options);
  assertStepsTold(found);
  const scores = found.flatMap((entry) => scoresOf(entry, remarks));
  return { scores, remarks: [...remarks, ...remarksOn(found)] };
}

async function filesIn(path: string): Promise<string[]> {
  const folder = await stat(path).then(
    (stats) => stats.isDirectory(),
    (error: unknown) => {
      throw new DiscernError('SCORES_INVALID', `${path}: no such file or folder`, { cause: error });
    },
  );
  if (!folder) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function mustBeResult(file: string, given: string): boolean {
  return file === given || file.endsWith('_eval_results.json');
}

/** @throws DiscernError USAGE when one name was given for several SAEs */
function assertOneRun(found: readonly Found[], { run, names }: IdentityOptions): void {
  if (run === undefined) return;
  const unnamed = names === undefined ? {} : { names };
  const runs = new Set(
    found.map(({ result, file }) => identityOf(nameOf(result, basename(file)), result, unnamed).run),
  );
  if (runs.size <= 1) return;
  throw new DiscernError('USAGE', `--run names one run, but the results are of ${runs.size}: ${[...runs].join(', ')}`);
}

/**
 * A run of which only some results tell their training step has no order.
 *
 * @throws DiscernError SCORES_INVALID
 */
function assertStepsTold(found: readonly Found[]): void {
  const told = new Set(found.filter(({ identity }) => identity.step !== undefined).map(runOf));
  const silent = found.find((entry) => entry.identity.step === undefined && told.has(runOf(entry)));
  if (silent === undefined) return;
  throw new DiscernError(
    'SCORES_INVALID',
    `${silent.file}: nothing tells the training step, which other results of run ${silent.identity.run} tell`,
    { hint: 'Give it with --step: it counts for the results that do not tell theirs.' },
  );
}

function runOf({ identity }: Found): string {
  return JSON.stringify([identity.panel, identity.run]);
}

function scoresOf({ file, result, identity }: Found, remarks: string[]): ImportedScore[] {
  const { step = 0, tokens = step, ...others } = identity;
  const scores = result.measures.flatMap((measure): ImportedScore[] => {
    const { metric, param, task, value } = measure;
    if (value == null) return [];
    if (!Number.isFinite(value)) {
      remarks.push(`${file}: ${describe(measure)} is ${value}: not defined, so no score`);
      return [];
    }
    const { seed, evaluatedAt } = result;
    return [{ ...others, step, tokens, metric, param, task, seed, value, evaluatedAt }];
  });
  if (scores.length === 0) remarks.push(`${file}: nothing was measured`);
  return scores;
}

function describe({ metric, param, task }: Measure): string {
  return [metric, param, task ?? ''].filter((part) => part !== '').join(' ');
}

function remarksOn(found: readonly Found[]): string[] {
  const silent = found.filter(({ identity }) => identity.step === undefined).length;
  return silent === 0
    ? []
    : [`nothing tells the training step of ${silent} results: taken for 0 (--step gives another)`];
}
