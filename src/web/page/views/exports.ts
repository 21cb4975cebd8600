import { byId } from '../dom.js';
import { curvesCsv, fileName } from '../export/csv.js';
import { save } from '../export/save.js';
import type { FigureInput } from './figures.js';

/** The buttons that save the curves that are drawn as CSV, and their plot as PNG. */
export function connectExports(
  drawn: () => FigureInput | undefined,
  pictureOf: (input: FigureInput) => Promise<Blob> | undefined,
): void {
  byId('save-csv').addEventListener('click', () => {
    const input = drawn();
    if (input !== undefined) saveCsv(input);
  });
  byId('save-png').addEventListener('click', () => {
    const input = drawn();
    if (input !== undefined) void pictureOf(input)?.then((blob) => save(nameOf(input, 'png'), blob));
  });
}

function saveCsv(input: FigureInput): void {
  const { metric, details } = input;
  const text = curvesCsv({ ...metric, panel: details.panel }, details.curves);
  save(nameOf(input, 'csv'), new Blob([text], { type: 'text/csv;charset=utf-8' }));
}

function nameOf({ metric, details }: FigureInput, extension: 'csv' | 'png'): string {
  return fileName({ ...metric, panel: details.panel }, extension);
}
