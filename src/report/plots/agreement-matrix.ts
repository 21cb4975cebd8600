import { formatSigned } from '../format.js';
import { html, type Markup } from '../markup.js';

/** Room for the names of the metrics, and where numbers are still readable. */
const NAMES = 168;
const MOST_NUMBERS = 24;

export interface MatrixCell {
  readonly tau: number | undefined;
  readonly contradictions: number;
  readonly resolvedByBoth: number;
}

/** How each pair of metrics ranks the runs: 1 the same way, −1 the opposite way. A dot marks contradictions. */
export function agreementMatrix(
  names: readonly string[],
  cell: (row: number, column: number) => MatrixCell | undefined,
): Markup {
  const size = Math.max(14, Math.min(38, Math.floor(720 / names.length)));
  const side = NAMES + size * names.length;
  const numbers = names.length <= MOST_NUMBERS;
  const rows = names.map((name, row) => {
    const y = NAMES + row * size;
    return html`<text class="label" x="${NAMES - 8}" y="${y + size / 2 + 4}" text-anchor="end">${name}</text>
      <text class="label" transform="translate(${NAMES + row * size + size / 2 + 4} ${NAMES - 8}) rotate(-60)"
        >${name}</text
      >
      ${names.map((other, column) => square(name, other, row === column ? undefined : cell(row, column), { x: NAMES + column * size, y, size, numbers }))}`;
  });
  // Slanted names reach beyond the last column.
  return html`<svg
    viewBox="0 0 ${side + 90} ${side}"
    style="max-width:${side + 90}px"
    role="img"
    aria-label="Agreement of the metrics' rankings"
  >
    ${rows}
  </svg>`;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly numbers: boolean;
}

function square(name: string, other: string, cell: MatrixCell | undefined, { x, y, size, numbers }: Place): Markup {
  if (cell?.tau === undefined) {
    return html`<rect class="cell none" x="${x}" y="${y}" width="${size - 1}" height="${size - 1}" />`;
  }
  const { tau, contradictions, resolvedByBoth } = cell;
  const color = `fill:color-mix(in srgb, var(${tau < 0 ? '--against' : '--with'}) ${Math.round(85 * Math.abs(tau))}%, var(--surface))`;
  return html`<g>
    <title>
      ${name} and ${other}: τ ${formatSigned(tau)}; ${contradictions} of ${resolvedByBoth} pairs that both tell apart
      contradict
    </title>
    <rect class="cell" x="${x}" y="${y}" width="${size - 1}" height="${size - 1}" style="${color}" />
    ${numbers && size >= 26 ? html`<text class="value" x="${x + size / 2}" y="${y + size / 2 + 4}" text-anchor="middle">${formatSigned(tau)}</text>` : undefined}
    ${contradictions > 0 ? html`<circle class="contradiction" cx="${x + size - 6}" cy="${y + 5}" r="2.5" />` : undefined}
  </g>`;
}
