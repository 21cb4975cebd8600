import { KeyedList, element, setAttribute, setText } from '../dom.js';
import { formatNumber, formatPercent, formatSigned, metricTitle } from '../format.js';
import { createSparkline, updateSparkline } from '../plots/sparkline.js';
import type { MetricView } from '../protocol.js';
import { formatHash } from '../selection.js';
import { sortMetrics, type Column, type Order } from '../sort-metrics.js';

interface Heading {
  readonly column: Column;
  readonly label: string;
  readonly title: string;
}

const HEADINGS: readonly Heading[] = [
  { column: 'name', label: 'Metric', title: 'metric and parameter' },
  { column: 'lowest', label: 'Scores now', title: 'lowest and highest run at the latest compared step' },
  { column: 'pooledSd', label: 'Reseed sd', title: 'standard deviation over evaluation seeds, pooled' },
  { column: 'medianCv', label: 'CV', title: 'median over checkpoints of sd / |mean|' },
  { column: 'detectable', label: 'Detectable', title: 'smallest detectable difference with one seed each' },
  { column: 'snr', label: 'SNR', title: 'spread between runs / spread between seeds' },
  { column: 'resolvedPairs', label: 'Resolved pairs', title: 'share of run pairs told apart' },
  { column: 'trend', label: 'Trend', title: 'median over runs of Spearman’s ρ of score and step' },
];

interface Row {
  readonly view: MetricView;
  readonly panel: string;
  readonly selected: boolean;
}

/** All metrics of a panel side by side: how noisy each is, what it tells apart, and where it goes in training. */
export class TrustTable {
  private order: Order = { column: 'name', direction: 'ascending' };
  private filter = '';
  private readonly rows: KeyedList<Row, HTMLTableRowElement>;
  private shown:
    { readonly panel: string; readonly metrics: readonly MetricView[]; readonly selected: string } | undefined;

  constructor(
    private readonly table: HTMLTableElement,
    filter: HTMLInputElement,
  ) {
    this.rows = new KeyedList<Row, HTMLTableRowElement>(table.tBodies[0], createRow, updateRow);
    table.tHead!.append(element('tr', {}, ...HEADINGS.map((heading) => this.heading(heading))));
    filter.addEventListener('input', () => {
      this.filter = filter.value.trim().toLowerCase();
      this.draw();
    });
  }

  render(panel: string, metrics: readonly MetricView[], selected: string): void {
    this.shown = { panel, metrics, selected };
    this.draw();
  }

  private draw(): void {
    if (this.shown === undefined) return;
    const { panel, metrics, selected } = this.shown;
    const matching = metrics.filter((view) => metricTitle(view).toLowerCase().includes(this.filter));
    const rows = sortMetrics(matching, this.order).map((view) => ({ view, panel, selected: view.key === selected }));
    this.rows.render(rows, ({ view }) => view.key);
    for (const heading of this.table.tHead!.rows[0].cells)
      setAttribute(
        heading,
        'aria-sort',
        heading.dataset['column'] === this.order.column ? this.order.direction : 'none',
      );
  }

  private heading({ column, label, title }: Heading): HTMLTableCellElement {
    const button = element('button', { type: 'button', title }, label);
    button.addEventListener('click', () => {
      this.order = { column, direction: this.nextDirection(column) };
      this.draw();
    });
    return element('th', { scope: 'col', 'data-column': column }, button);
  }

  /** Names start at A; numbers start with the largest. */
  private nextDirection(column: Column): Order['direction'] {
    const { column: current, direction } = this.order;
    if (column !== current) return column === 'name' ? 'ascending' : 'descending';
    return direction === 'ascending' ? 'descending' : 'ascending';
  }
}

function createRow({ view, panel }: Row): HTMLTableRowElement {
  const link = element('a', { href: formatHash({ panel, metric: view.key }) }, element('span'), element('small'));
  const name = element('th', { scope: 'row' }, link);
  const scores = element('td', { class: 'scores' }, createSparkline(), element('span'));
  const numbers = ['sd', 'cv', 'detectable', 'snr'].map((kind) => element('td', { class: `number ${kind}` }));
  const resolved = element('td', { class: 'number resolved' }, element('i', { class: 'bar' }), element('span'));
  const trend = element('td', { class: 'number trend' }, element('i', { class: 'bar diverging' }), element('span'));
  const row = element('tr', {}, name, scores, ...numbers, resolved, trend);
  row.addEventListener('click', () => link.click());
  link.addEventListener('click', (event) => event.stopPropagation());
  return row;
}

function updateRow(row: HTMLTableRowElement, { view, selected, panel }: Row): void {
  const text = (selector: string, value: string): void => setText(row.querySelector(selector)!, value);
  setAttribute(row, 'aria-selected', String(selected));
  setAttribute(row.querySelector('a')!, 'href', formatHash({ panel, metric: view.key }));
  text('a span', view.metric);
  text('a small', view.param);
  updateSparkline(row.querySelector<SVGElement>('.sparkline')!, view.course);
  text('.scores span', rangeOf(view));
  text('.sd', formatNumber(view.pooledSd, 2));
  text('.cv', formatPercent(view.medianCv));
  text('.detectable', formatNumber(view.detectable['1'], 2));
  text('.snr', formatNumber(view.snr, 2));
  text('.resolved span', formatPercent(view.resolvedPairs));
  text('.trend span', formatSigned(view.trend));
  setBar(row.querySelector<HTMLElement>('.resolved .bar')!, view.resolvedPairs);
  setBar(row.querySelector<HTMLElement>('.trend .bar')!, view.trend);
  setAttribute(row.querySelector('.trend .bar')!, 'data-tone', toneOf(view));
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
