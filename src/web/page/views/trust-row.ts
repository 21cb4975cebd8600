import { element, setAttribute, setText } from '../dom.js';
import { formatNumber, formatSigned, metricTitle } from '../format.js';
import { LENSES, LENS_NAMES, discriminationWords, headlineOf } from '../lenses.js';
import { createSparkline, updateSparkline } from '../plots/sparkline.js';
import type { Lens, MetricView, Verdict } from '../protocol.js';
import { formatHash } from '../selection.js';
import { adviceTip, lensTip } from './lens-tip.js';
import type { Tip } from './tip.js';
import { updateBadge } from './verdict-badge.js';

/** A metric as a row of the trust table. */
export interface TrustRow {
  readonly view: MetricView;
  readonly panel: string;
  readonly selected: boolean;
}

/** What each row now shows, for the tips of its cells. */
const shown = new WeakMap<HTMLTableRowElement, TrustRow>();

/**
 * As few elements as can be: a table is laid out and painted as a whole, and a person who filters or sorts waits for it.
 * A text beside an element lies in its parent, without one of its own.
 */
export function createTrustRow({ view, panel }: TrustRow, tip: Tip): HTMLTableRowElement {
  const row = element('tr');
  const current = (): MetricView => shown.get(row)?.view ?? view;
  const link = element('a', { href: formatHash({ panel, metric: view.key }) }, new Text(), element('small'));
  const overall = verdictCell('overall', tip, () => adviceTip(current()));
  const lenses = LENSES.map((lens) => verdictCell(lens, tip, () => lensTip(current(), lens)));
  const scores = element('td', { class: 'scores' }, createSparkline(), new Text());
  const numbers = ['sd', 'detectable', 'snr'].map((kind) => element('td', { class: `number ${kind}` }));
  const trend = element('td', { class: 'number trend' }, element('i', { class: 'bar diverging' }), new Text());
  const now = element('td', { class: 'now' }, new Text(), element('small'));
  row.append(element('th', { scope: 'row' }, link), overall, ...lenses, now, scores, ...numbers, trend);
  row.addEventListener('click', () => link.click());
  link.addEventListener('click', (event) => event.stopPropagation());
  return row;
}

/** A verdict and its number, which tell their reasons when they are pointed at or tapped, or the verdict has the focus. */
function verdictCell(kind: Lens | 'overall', tip: Tip, contentOf: () => readonly Node[]): HTMLTableCellElement {
  const button = element('button', { type: 'button', class: 'badge lens' });
  const cell = element('td', { class: `verdict ${kind}` }, button, new Text());
  cell.addEventListener('click', (event) => event.stopPropagation());
  tip.attach(button, contentOf, cell);
  return cell;
}

/**
 * Views of metrics that did not change stay the same objects: their rows are left alone.
 *
 * @returns whether the row is another now
 */
export function updateTrustRow(row: HTMLTableRowElement, item: TrustRow): boolean {
  const { view, selected, panel } = item;
  const before = shown.get(row);
  if (before?.view === view && before.selected === selected && before.panel === panel) return false;
  shown.set(row, item);
  const text = (selector: string, value: string): void => setText(row.querySelector(selector)!, value);
  row.classList.toggle('selected', selected);
  setAttribute(row.querySelector('a')!, 'aria-current', String(selected));
  setAttribute(row.querySelector('a')!, 'href', formatHash({ panel, metric: view.key }));
  setText(row.querySelector('a')!.firstChild!, view.param === '' ? view.metric : `${view.metric} `);
  text('a small', view.param);
  updateVerdicts(row, view);
  updateSparkline(row.querySelector<SVGElement>('.sparkline')!, view.course);
  setText(row.querySelector('.scores')!.lastChild!, rangeOf(view));
  text('.sd', formatNumber(view.pooledSd, 2));
  text('.detectable', formatNumber(view.detectable['1'], 2));
  text('.snr', formatNumber(view.snr, 2));
  setText(row.querySelector('.trend')!.lastChild!, formatSigned(view.trend));
  setBar(row.querySelector<HTMLElement>('.trend .bar')!, view.trend);
  setAttribute(row.querySelector('.trend .bar')!, 'data-tone', toneOf(view));
  return true;
}

function updateVerdicts(row: HTMLTableRowElement, view: MetricView): void {
  const { verdict, discrimination } = view;
  const overall = verdict?.overall ?? 'unknown';
  updateCell(row.querySelector('.overall')!, overall, '', `Verdict on ${metricTitle(view)}. ${view.advice ?? ''}`);
  for (const lens of LENSES) {
    const { verdict: said = 'unknown', because = 'not yet judged' } = verdict?.[lens] ?? {};
    const label = `${LENS_NAMES[lens]} of ${metricTitle(view)}: ${because}`;
    updateCell(row.querySelector(`.${lens}`)!, said, headlineOf(lens, view), label);
  }
  const { state, word, since } = discriminationWords(discrimination);
  const now = row.querySelector('.now')!;
  setAttribute(now, 'data-state', state);
  setText(now.firstChild!, word);
  setText(row.querySelector('.now small')!, since);
}

function updateCell(cell: Element, verdict: Verdict, number: string, label: string): void {
  const button = cell.querySelector('button')!;
  updateBadge(button, verdict);
  setText(cell.lastChild!, number);
  // What is seen is read out first, then the reason, so that it is there without the box, too.
  setAttribute(button, 'aria-label', `${verdict}. ${label}`);
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
