import type { CurveView, PointView } from '../protocol.js';

export type XAxis = 'tokens' | 'step';
export type Spread = 'stderr' | 'half95' | 'sd';

/** Values of a line at each x of the plot; null where it has none. */
export type Column = (number | null)[];

export interface AlignedCurve {
  readonly run: string;
  readonly values: Column;
  readonly low: Column;
  readonly high: Column;
}

export interface AlignedCurves {
  /** Every x at which some run has a point, ascending. */
  readonly xs: number[];
  readonly curves: readonly AlignedCurve[];
}

/** Curves of runs with checkpoints of their own over one x axis, with a band where the spread is defined. */
export function alignCurves(curves: readonly CurveView[], x: XAxis, spread: Spread): AlignedCurves {
  return alignBy(curves, x, (point) => {
    const half = point[spread];
    const band = half === undefined ? undefined : ([point.mean - half, point.mean + half] as const);
    return { value: point.mean, band };
  });
}

/** Any value of the points over one x axis. */
export function alignValues(
  curves: readonly CurveView[],
  x: XAxis,
  value: (point: PointView) => number | undefined,
): AlignedCurves {
  return alignBy(curves, x, (point) => ({ value: value(point), band: undefined }));
}

interface Sample {
  readonly value: number | undefined;
  readonly band: readonly [number, number] | undefined;
}

function alignBy(curves: readonly CurveView[], x: XAxis, sample: (point: PointView) => Sample): AlignedCurves {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map((point) => point[x])))].sort((a, b) => a - b);
  const indexOf = new Map(xs.map((value, index) => [value, index]));
  const aligned = curves.map(({ run, points }) => {
    const values: Column = xs.map(() => null);
    const low = [...values];
    const high = [...values];
    for (const point of points) {
      const index = indexOf.get(point[x])!;
      const { value, band } = sample(point);
      values[index] = value ?? null;
      low[index] = band?.[0] ?? null;
      high[index] = band?.[1] ?? null;
    }
    return { run, values, low, high };
  });
  return { xs, curves: aligned };
}
