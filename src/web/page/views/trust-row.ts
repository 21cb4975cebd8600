import { element, setAttribute, setText } from '../dom.js';
import { formatNumber, formatSigned, metricTitle } from '../format.js';
import { LENSES, LENS_NAMES, discriminationWords, headlineOf } from '../lenses.js';
import { createSparkline, updateSparkline } from '../plots/sparkline.js';
import type { Lens, MetricView, Verdict } from '../protocol.js';
import { formatHash } from '../selection.js';
import { adviceTip, lensTip } from './lens-tip.js';
import type { Tip } from './tip.js';
import { createBadge, updateBadge } from './verdict-badge.js';

/** A metric as a row of the trust table. */
export interface TrustRow {
  readonly view: MetricView;
  readonly panel: string;
  readonly selected: boolean;
}

/** What each row now shows, for the tips of its cells. */
const shown = new WeakMap<HTMLTableRowElement, TrustRow>();

export function createTrustRow({ view, panel }: TrustRow, tip: Tip): HTMLTableRowElement {
  const row = element('tr');
  const current = (): MetricView => shown.get(row)?.view ?? view;
  const link = element('a', { href: formatHash({ panel, metric: view.key }) }, element('span'), ' ', element('small'));
  const overall = verdictCell('overall', tip, () => adviceTip(current()));
  const lenses = LENSES.map((lens) => verdictCell(lens, tip, () => lensTip(current(), lens)));
  const scores = element('td', { class: 'scores' }, createSparkline(), element('span'));
  const numbers = ['sd', 'detectable', 'snr'].map((kind) => element('td', { class: `number ${kind}` }));
  const trend = element('td', { class: 'number trend' }, element('i', { class: 'bar diverging' }), element('span'));
  const now = element('td', { class: 'now' }, element('span'), element('small'));
  row.append(element('th', { scope: 'row' }, link), overall, ...lenses, now, scores, ...numbers, trend);
  row.addEventListener('click', () => link.click());
  link.addEventListener('click', (event) => event.stopPropagation());
  return row;
}

/** A verdict that tells its reasons when it is pointed at, has the focus or is tapped. */
function verdictCell(kind: Lens | 'overall', tip: Tip, contentOf: () => readonly Node[]): HTMLTableCellElement {
  const button = element('button', { type: 'button', class: 'lens' }, createBadge(), ' ', element('span'));
  button.addEventListener('click', (event) => event.stopPropagation());
  tip.attach(button, contentOf);
  return element('td', { class: `verdict ${kind}` }, button);
}

/** Views of metrics that did not change stay the same objects: their rows are left alone. */
export function updateTrustRow(row: HTMLTableRowElement, item: TrustRow): void {
  const { view, selected, panel } = item;
  const before = shown.get(row);
  if (before?.view === view && before.selected === selected && before.panel === panel) return;
  shown.set(row, item);
  const text = (selector: string, value: string): void => setText(row.querySelector(selector)!, value);
  row.classList.toggle('selected', selected);
  setAttribute(row.querySelector('a')!, 'aria-current', String(selected));
  setAttribute(row.querySelector('a')!, 'href', formatHash({ panel, metric: view.key }));
  text('a span', view.metric);
  text('a small', view.param);
  updateVerdicts(row, view);
  updateSparkline(row.querySelector<SVGElement>('.sparkline')!, view.course);
  text('.scores span', rangeOf(view));
  text('.sd', formatNumber(view.pooledSd, 2));
  text('.detectable', formatNumber(view.detectable['1'], 2));
  text('.snr', formatNumber(view.snr, 2));
  text('.trend span', formatSigned(view.trend));
  setBar(row.querySelector<HTMLElement>('.trend .bar')!, view.trend);
  setAttribute(row.querySelector('.trend .bar')!, 'data-tone', toneOf(view));
}

function updateVerdicts(row: HTMLTableRowElement, view: MetricView): void {
  const { verdict, discrimination } = view;
  const overall = verdict?.overall ?? 'unknown';
  updateCell(
    row.querySelector('.overall .lens')!,
    overall,
    '',
    `Verdict on ${metricTitle(view)}. ${view.advice ?? ''}`,
  );
  for (const lens of LENSES) {
    const { verdict: said = 'unknown', because = 'not yet judged' } = verdict?.[lens] ?? {};
    const label = `${LENS_NAMES[lens]} of ${metricTitle(view)}: ${because}`;
    updateCell(row.querySelector(`.${lens} .lens`)!, said, headlineOf(lens, view), label);
  }
  const { state, word, since } = discriminationWords(discrimination);
  const now = row.querySelector('.now span')!;
  setAttribute(now, 'data-state', state);
  setText(now, word);
  setText(row.querySelector('.now small')!, since);
}

function updateCell(button: Element, verdict: Verdict, number: string, label: string): void {
  updateBadge(button.querySelector<HTMLElement>('.badge')!, verdict);
  setText(button.lastElementChild!, number);
  // What is seen is read out first, then the reason, so that it is there without the box, too.
  const seen = number === '' ? verdict : `${verdict} ${number}`;
  setAttribute(button, 'aria-label', `${seen}. ${label}`);
}

function rangeOf({ lowest, highest }: MetricView): string {
  if (lowest === undefined || highest === undefined) return formatNumber(undefined);
  return `${formatNumber(lowest)} … ${formatNumber(highest)}`;
}

function setBar(bar: HTMLElement, value: number | undefined): void {
  bar.hidden = value === undefined;
  bar.style.setProperty('--size', String(Math.abs(value ?? 0)));
  setAttribute(bar, 'data-sign', (value ?? 0) < 0 ? 'negative' : 'positive');
}

/** Whether training makes the score better or worse, where the metric declares which way is better. */
function toneOf({ trend = 0, direction = 'neither' }: MetricView): 'better' | 'worse' | 'neutral' {
  if (direction === 'neither' || trend === 0) return 'neutral';
  return trend > 0 === (direction === 'higher') ? 'better' : 'worse';
}
