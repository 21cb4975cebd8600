import { element, setText } from '../dom.js';

export interface TooltipRow {
  readonly name: string;
  readonly value: string;
  readonly color: string;
}

/** Values under the cursor, beside it and within the plot. */
export class Tooltip {
  private readonly title = element('div', { class: 'tooltip-title' });
  private readonly rows = element('div', { class: 'tooltip-rows' });
  private readonly root = element('div', { class: 'tooltip', 'aria-hidden': 'true' }, this.title, this.rows);

  constructor(private readonly plot: HTMLElement) {
    plot.append(this.root);
    this.hide();
  }

  show(left: number, top: number, title: string, rows: readonly TooltipRow[]): void {
    setText(this.title, title);
    this.rows.replaceChildren(...rows.map(rowElement));
    this.root.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const beyond = left + width + 16 > this.plot.clientWidth;
    this.root.style.left = `${String(beyond ? Math.max(0, left - width - 12) : left + 12)}px`;
    this.root.style.top = `${String(Math.max(0, Math.min(top - height / 2, this.plot.clientHeight - height)))}px`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}

function rowElement({ name, value, color }: TooltipRow): HTMLElement {
  const swatch = element('i', { class: 'swatch' });
  swatch.style.background = color;
  return element('div', { class: 'tooltip-row' }, swatch, element('span', {}, name), element('b', {}, value));
}
