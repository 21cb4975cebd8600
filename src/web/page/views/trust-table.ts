import { KeyedList, element, setAttribute, setText } from '../dom.js';
import { FRAME_FULL } from '../in-frames.js';
import { counted } from '../lenses.js';
import type { MetricView } from '../protocol.js';
import { filterMetrics, sortMetrics, type Column, type Order } from '../sort-metrics.js';
import type { Tip } from './tip.js';
import { createTrustRow, updateTrustRow, type TrustRow } from './trust-row.js';

interface Heading {
  readonly column: Column;
  readonly label: string;
  readonly title: string;
}

const HEADINGS: readonly Heading[] = [
  { column: 'name', label: 'Metric', title: 'metric and parameter' },
  { column: 'verdict', label: 'Verdict', title: 'the worst that a lens says' },
  { column: 'noise', label: 'Noise', title: 'verdict on reseed noise, and the median over checkpoints of sd / |mean|' },
  {
    column: 'discriminability',
    label: 'Discriminability',
    title: 'verdict on telling runs apart, and the share of run pairs told apart now',
  },
  {
    column: 'validity',
    label: 'Validity',
    title: 'verdict on agreement with the ground truth, and the lowest ρ across the runs',
  },
  { column: 'now', label: 'Tells apart now', title: 'whether the metric discriminates now, and since which step' },
  { column: 'lowest', label: 'Scores now', title: 'lowest and highest run at the latest compared step' },
  { column: 'pooledSd', label: 'Reseed sd', title: 'standard deviation over evaluation seeds, pooled' },
  { column: 'detectable', label: 'Detectable', title: 'smallest detectable difference with one seed each' },
  { column: 'snr', label: 'SNR', title: 'spread between runs / spread between seeds' },
  { column: 'trend', label: 'Trend', title: 'median over runs of Spearman’s ρ of score and step' },
];

/** So many rows are placed or changed in a frame: what the browser does to lay out and paint them costs most. */
const ROWS_A_FRAME = 12;

/** All metrics of a panel side by side: what each lens says of it, whether it tells runs apart now, and its numbers. */
export class TrustTable {
  private order: Order = { column: 'name', direction: 'ascending' };
  private filter = '';
  private readonly rows: KeyedList<TrustRow, HTMLTableRowElement>;
  /** Also of metrics that the filter leaves out: a row has some sixty elements, and typing must not wait for them. */
  private readonly made = new Map<string, HTMLTableRowElement>();
  private shown:
    { readonly panel: string; readonly metrics: readonly MetricView[]; readonly selected: string } | undefined;
  /** Rows that are not yet where they belong. */
  private placing: Iterator<boolean, void> | undefined;

  /** @param drawRest asks for a call of `render`, for what was left to later frames */
  constructor(
    private readonly table: HTMLTableElement,
    filter: HTMLInputElement,
    private readonly count: HTMLElement,
    tip: Tip,
    private readonly drawRest: () => void,
  ) {
    this.rows = new KeyedList<TrustRow, HTMLTableRowElement>(
      table.tBodies[0],
      (row) => this.rowOf(row, tip),
      updateTrustRow,
    );
    table.tHead!.append(element('tr', {}, ...HEADINGS.map((heading) => this.heading(heading))));
    filter.addEventListener('input', () => {
      this.filter = filter.value;
      this.answer();
    });
  }

  /** Some rows a step; those that are there already first, so that the table as a whole has little left to do. */
  *render(panel: string, metrics: readonly MetricView[], selected: string): Generator {
    const { shown } = this;
    if (shown?.panel !== panel || shown.metrics !== metrics || shown.selected !== selected) {
      yield* aFrameful(this.updateRows(panel, metrics, selected));
      this.shown = { panel, metrics, selected };
      const keys = new Set(metrics.map(({ key }) => key));
      for (const key of this.made.keys()) if (!keys.has(key)) this.made.delete(key);
      this.arrange();
    }
    yield* aFrameful(this.placeRest());
  }

  /** A row a step, which tells whether anything changed. */
  private *updateRows(panel: string, metrics: readonly MetricView[], selected: string): Generator<boolean> {
    for (const view of metrics) {
      const row = this.made.get(view.key);
      if (row !== undefined) yield updateTrustRow(row, { view, panel, selected: view.key === selected });
    }
  }

  /** What is in view at once, for a person waits for it; rows further down follow in later frames. */
  private answer(): void {
    const rows = this.rowsInView();
    this.arrange();
    for (let row = 0; row < rows; row++) this.placeRow();
    if (this.placing !== undefined) this.drawRest();
  }

  private rowOf(item: TrustRow, tip: Tip): HTMLTableRowElement {
    const row = this.made.get(item.view.key) ?? createTrustRow(item, tip);
    this.made.set(item.view.key, row);
    return row;
  }

  /** Begins to place the rows that match the filter, in their order. */
  private arrange(): void {
    if (this.shown === undefined) return;
    const { panel, metrics, selected } = this.shown;
    const matching = filterMetrics(metrics, this.filter);
    const rows = sortMetrics(matching, this.order).map((view) => ({ view, panel, selected: view.key === selected }));
    this.placing = this.rows.place(rows, ({ view }) => view.key);
    setText(
      this.count,
      rows.length === metrics.length
        ? counted(rows.length, 'metric')
        : `${String(rows.length)} of ${counted(metrics.length, 'metric')}`,
    );
    for (const heading of this.table.tHead!.rows[0].cells)
      setAttribute(
        heading,
        'aria-sort',
        heading.dataset['column'] === this.order.column ? this.order.direction : 'none',
      );
  }

  private *placeRest(): Generator<boolean> {
    while (this.placing !== undefined) yield this.placeRow();
  }

  /** @returns whether a row moved */
  private placeRow(): boolean {
    const step = this.placing?.next();
    if (step?.done !== false) this.placing = undefined;
    return step?.value === true;
  }

  /** Rows from the first on that the window has room for. */
  private rowsInView(): number {
    const { bottom, height } = this.table.tHead!.getBoundingClientRect();
    const rowHeight = this.table.tBodies[0].rows.item(0)?.offsetHeight ?? height;
    return Math.max(ROWS_A_FRAME, Math.ceil((innerHeight - bottom) / rowHeight));
  }

  private heading({ column, label, title }: Heading): HTMLTableCellElement {
    const button = element('button', { type: 'button', title }, label);
    button.addEventListener('click', () => {
      this.order = { column, direction: this.nextDirection(column) };
      this.answer();
    });
    return element('th', { scope: 'col', 'data-column': column, class: `column-${column}` }, button);
  }

  /** Names start at A; numbers start with the largest, verdicts with the best. */
  private nextDirection(column: Column): Order['direction'] {
    const { column: current, direction } = this.order;
    if (column !== current) return column === 'name' ? 'ascending' : 'descending';
    return direction === 'ascending' ? 'descending' : 'ascending';
  }
}

/** Steps, a frame's last one after so many rows that changed. */
function* aFrameful(rows: Iterable<boolean>): Generator {
  let changed = 0;
  for (const row of rows) {
    changed += Number(row);
    yield row && changed % ROWS_A_FRAME === 0 ? FRAME_FULL : undefined;
  }
}
