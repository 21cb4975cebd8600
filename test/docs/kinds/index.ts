import { bundleDescription, bundleFiles, configuration, scores } from './data.js';
import { dataflow } from './dataflow.js';
import type { Kind } from './kind.js';
import { output, refusal } from './printed.js';
import { python } from './python.js';
import { shell } from './shell.js';
import { change, source } from './source.js';

/** What is done with a block, by what stands behind its opening fence. */
export const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['sh', shell],
  ['text', output],
  ['console', refusal],
  ['python', python],
  ['ts', source],
  ['diff', change],
  ['yaml', configuration],
  ['json', bundleDescription],
  ['ndjson', scores],
  ['files', bundleFiles],
  ['dataflow', dataflow],
]);
