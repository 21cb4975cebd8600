import { HEIGHT, WIDTH, sparklinePoints } from './sparkline-points.js';

const SVG = 'http://www.w3.org/2000/svg';

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
