import { absorption } from './absorption.js';
import { autointerp } from './autointerp.js';
import { core } from './core.js';
import { mdl } from './mdl.js';
import { metaStructure } from './meta-structure.js';
import { ravel } from './ravel.js';
import type { SaeBenchReader } from './reader.js';
import { saeProbes } from './sae-probes.js';
import { scr } from './scr.js';
import { sparseProbing } from './sparse-probing.js';
import { tpp } from './tpp.js';
import { unlearning } from './unlearning.js';

/** Every type of evaluation of SAEBench 0.6.0. A new one is a file and a line here. */
export const SAEBENCH_READERS: readonly SaeBenchReader[] = [
  core,
  sparseProbing,
  saeProbes,
  tpp,
  scr,
  absorption,
  ravel,
  autointerp,
  unlearning,
  mdl,
  metaStructure,
];

/** The reader of an `eval_type_id`; SAEBench has written RAVEL's in capitals. */
export function readerOf(type: string): SaeBenchReader | undefined {
  return SAEBENCH_READERS.find(({ types }) => types.includes(type.toLowerCase()));
}
