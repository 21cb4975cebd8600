/**
 * A table in plain text: columns as wide as their widest cell, numbers to the right.
 *
 * @param rows cells as text; an empty text is a value that is not defined
 */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const numeric = header.map((_, column) => rows.every((row) => isNumber(row[column] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n') + '\n';
}

function isNumber(text: string): boolean {
  return text === '' || text === '–' || Number.isFinite(Number(text.replace('%', '')));
}
