/** The parts, one after the other. By hand: many parts are short, and `set` takes longer for those. */
export function concatenated(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) for (let i = 0; i < part.length; i++) whole[at++] = part[i];
  return whole;
}
