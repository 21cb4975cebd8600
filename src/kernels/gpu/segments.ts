/**
 * How the outputs of a layer are dealt to the threads of a product: each takes a *segment* of 16, eight apart, so that
 * the eight neighbouring threads of a workgroup read eight neighbouring weights at a time. Eight segments make a group
 * of 128 consecutive outputs.
 */
export const SEGMENT_OUTPUTS = 16;
/** Segments of a group, and the distance between the outputs of one. */
export const GROUP_SEGMENTS = 8;
export const GROUP_OUTPUTS = SEGMENT_OUTPUTS * GROUP_SEGMENTS;

/** Integer arithmetic throughout: these run for every candidate. */
export function groupOf(segment: number): number {
  return segment >>> 3;
}

/** The output at a position (0 … 15) of a segment. */
export function outputOf(segment: number, position: number): number {
  return (groupOf(segment) << 7) + (position << 3) + (segment & 7);
}
