import type { CurveView, PointView } from '../protocol.js';

type Cell = string | number | undefined;

const COLUMNS: readonly (keyof PointView)[] = ['step', 'tokens', 'seeds', 'mean', 'sd', 'stderr', 'half95', 'cv'];

/** What the curves are of. */
export interface CurveNames {
  readonly panel: string;
  readonly metric: string;
  readonly param: string;
}

/** Score curves as CSV (RFC 4180): a line a checkpoint, numbers in full, empty where a value is not defined. */
export function curvesCsv({ panel, metric, param }: CurveNames, curves: readonly CurveView[]): string {
  const header: readonly Cell[] = ['panel', 'metric', 'param', 'run', ...COLUMNS];
  const rows = curves.flatMap(({ run, points }) =>
    points.map((point): readonly Cell[] => [panel, metric, param, run, ...COLUMNS.map((column) => point[column])]),
  );
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: Cell): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `smollm2-tpp-n-20.csv`: letters, digits, dots and dashes, which every file system takes. */
export function fileName({ panel, metric, param }: CurveNames, extension: 'csv' | 'png'): string {
  const stem = [panel, metric, param]
    .join('-')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '');
  return `${stem === '' ? 'discern' : stem}.${extension}`;
}
