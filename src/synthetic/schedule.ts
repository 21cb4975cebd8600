/**
 * Steps at which a training run is saved: `count` of them, dense early (logarithmically spaced), the first step and the
 * last included. Fewer where there are not that many steps.
 */
export function checkpointSteps(steps: number, count: number): readonly number[] {
  if (count <= 1) return [steps];
  const spaced = Array.from({ length: count }, (_, i) => Math.round(steps ** (i / (count - 1))));
  const chosen = new Set<number>();
  // Rounding makes early steps coincide: each then takes the next free one.
  for (const step of spaced) {
    let free = step;
    while (chosen.has(free) && free < steps) free++;
    chosen.add(free);
  }
  return [...chosen].sort((a, b) => a - b);
}
