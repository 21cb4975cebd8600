/** A value that is not defined. */
export const ABSENT = '–';

const MINUS = '−';

/** Three significant digits, without an exponent where a person would not write one. */
export function formatNumber(value: number | undefined, digits = 3): string {
  if (value === undefined) return ABSENT;
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-4
      ? value.toExponential(digits - 1).replace('e+', 'e')
      : value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
  return text.replace(/-/g, MINUS);
}

/** Ticks of an axis: as many decimals as tell them apart. */
export function formatTicks(ticks: readonly number[]): readonly string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest >= 1e5) return ticks.map((tick) => (tick < 0 ? MINUS : '') + formatCount(Math.abs(tick)));
  const decimals = [0, 1, 2, 3, 4, 5, 6, 7].find((count) => ticks.every((tick) => isWhole(tick * 10 ** count))) ?? 8;
  return ticks.map((tick) => tick.toFixed(decimals).replace('-', MINUS));
}

/** But for the rounding of binary fractions. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6;
}

export function formatPercent(ratio: number | undefined): string {
  if (ratio === undefined) return ABSENT;
  const percent = ratio * 100;
  return `${Math.abs(percent) < 10 && percent % 1 !== 0 ? percent.toFixed(1) : percent.toFixed(0)} %`.replace(
    '-',
    MINUS,
  );
}

/** A correlation, always with its sign: +0.93, −0.71. */
export function formatSigned(value: number | undefined): string {
  if (value === undefined) return ABSENT;
  const text = Math.abs(value).toFixed(2);
  return value < 0 && text !== '0.00' ? `${MINUS}${text}` : `+${text}`;
}

const UNITS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A count of steps or tokens as the field writes it: 2.46M, 1.5B. */
export function formatCount(value: number | undefined): string {
  if (value === undefined) return ABSENT;
  const [size, unit] = UNITS.find(([limit]) => value >= limit) ?? [1, ''];
  return `${String(Number((value / size).toPrecision(3)))}${unit}`;
}

/** Made once: a locale's rules take longer to look up than a number to format. */
const integers = new Intl.NumberFormat('en-US');

export function formatInteger(value: number | undefined): string {
  return value === undefined ? ABSENT : integers.format(value).replace(/,/g, '\u2009');
}

/** How long ago, coarsely: 12 s, 4 min, 3 h, 2 d. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3600))} h`;
  return `${String(Math.floor(seconds / 86_400))} d`;
}

export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** `tpp n=20` */
export function metricTitle({ metric, param }: { readonly metric: string; readonly param: string }): string {
  return param === '' ? metric : `${metric} ${param}`;
}
