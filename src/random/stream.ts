import { NumpyRandomState } from './numpy-legacy.js';

/**
 * A generator of its own for each thing that one seed fixes: rows, the start of a probe, its batches. What is drawn for
 * one of them then changes nothing for the others.
 *
 * @param seed 0 … 2³² − 1
 * @param purpose what the numbers are for
 */
export function randomFor(seed: number, purpose: string): NumpyRandomState {
  // FNV-1a over the text, then the finaliser of MurmurHash3: neighbouring seeds get unrelated states.
  let bits = 0x811c9dc5;
  for (const character of `${purpose}\n${seed}`) bits = Math.imul(bits ^ character.codePointAt(0)!, 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return new NumpyRandomState((bits ^ (bits >>> 16)) >>> 0);
}
