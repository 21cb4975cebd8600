const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 72;
const HEIGHT = 18;
const EDGE = 2;

/** Points of a line through the values, stretched to the box; empty for fewer than two. */
export function sparklinePoints(values: readonly number[]): string {
  if (values.length < 2) return '';
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  return values
    .map((value, index) => {
      const x = EDGE + (index / (values.length - 1)) * (WIDTH - 2 * EDGE);
      const height = range === 0 ? 0.5 : (value - low) / range;
      return `${x.toFixed(1)},${(HEIGHT - EDGE - height * (HEIGHT - 2 * EDGE)).toFixed(1)}`;
    })
    .join(' ');
}

export function createSparkline(): SVGElement {
  const root = document.createElementNS(SVG, 'svg');
  root.setAttribute('class', 'sparkline');
  root.setAttribute('viewBox', `0 0 ${String(WIDTH)} ${String(HEIGHT)}`);
  root.setAttribute('aria-hidden', 'true');
  root.append(document.createElementNS(SVG, 'polyline'));
  return root;
}

export function updateSparkline(root: SVGElement, values: readonly number[]): void {
  const points = sparklinePoints(values);
  const line = root.firstElementChild;
  if (line !== null && line.getAttribute('points') !== points) line.setAttribute('points', points);
}
