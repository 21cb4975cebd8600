/** Three significant digits, without an exponent where people read none; a dash for what is not defined. */
export function formatNumber(value: number | undefined, digits = 3): string {
  if (value === undefined) return '–';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || (magnitude > 0 && magnitude < 1e-4)) return minus(value.toExponential(digits - 1));
  return minus(String(Number(value.toPrecision(digits))));
}

export function formatPercent(value: number | undefined): string {
  return value === undefined ? '–' : `${(100 * value).toFixed(value < 0.1 && value > 0 ? 1 : 0)} %`;
}

export function formatSigned(value: number | undefined): string {
  return value === undefined ? '–' : minus(value.toFixed(2));
}

export function formatStep(step: number): string {
  if (step >= 1e6) return `${formatNumber(step / 1e6)}M`;
  return step >= 1e4 ? `${formatNumber(step / 1e3)}k` : String(step);
}

function minus(text: string): string {
  return text.replace('-', '−');
}
