/** The first checkpoint comes after this share of the training: before it, there is little but the initialisation. */
const FIRST = 0.01;

/**
 * Steps at which a training run is saved: `count` of them, logarithmically spaced and so dense early, the last step
 * included. Fewer where there are not that many steps.
 */
export function checkpointSteps(steps: number, count: number): readonly number[] {
  if (count <= 1) return [steps];
  const first = Math.max(1, steps * FIRST);
  const chosen = new Set<number>();
  for (let i = 0; i < count; i++) {
    let step = Math.round(first * (steps / first) ** (i / (count - 1)));
    // Rounding makes early steps coincide: each then takes the next free one.
    while (chosen.has(step) && step < steps) step++;
    chosen.add(step);
  }
  return [...chosen].sort((a, b) => a - b);
}
