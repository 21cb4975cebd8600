import { KeyedList, element, setAttribute, setText } from '../dom.js';
import { formatAge, formatCount, formatInteger } from '../format.js';
import type { RunView } from '../protocol.js';
import type { RunStyle } from '../run-styles.js';

export interface RunItem {
  readonly view: RunView;
  readonly style: RunStyle;
  readonly pinned: boolean;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The runs of a panel, which are the legend of every plot: pointing at one or pressing it brings its lines forward. */
export class RunList {
  private readonly list: KeyedList<RunItem, HTMLLIElement>;

  constructor(
    parent: HTMLElement,
    private readonly onPoint: (run: string | undefined) => void,
    private readonly onPress: (run: string) => void,
  ) {
    this.list = new KeyedList<RunItem, HTMLLIElement>(parent, (item) => this.create(item), update);
  }

  render(items: readonly RunItem[]): void {
    this.list.render(items, ({ view }) => view.run);
  }

  private create({ view: { run } }: RunItem): HTMLLIElement {
    const lines = ['run-name', 'run-facts', 'run-age'].map((name) => element('span', { class: name }));
    const texts = element('span', { class: 'run-texts' }, ...lines);
    const button = element('button', { type: 'button', class: 'run' }, lineSample(), texts);
    button.addEventListener('pointerenter', () => this.onPoint(run));
    button.addEventListener('pointerleave', () => this.onPoint(undefined));
    button.addEventListener('focus', () => this.onPoint(run));
    button.addEventListener('blur', () => this.onPoint(undefined));
    button.addEventListener('click', () => this.onPress(run));
    return element('li', {}, button);
  }
}

function update(item: HTMLLIElement, { view, style, pinned }: RunItem): void {
  const button = item.querySelector('button')!;
  setAttribute(button, 'aria-pressed', String(pinned));
  setAttribute(button, 'title', `variant ${view.variant}, training seed ${String(view.trainSeed)}`);
  const sample = item.querySelector('line')!;
  setAttribute(sample, 'stroke', `var(--run-${String(style.color)})`);
  setAttribute(sample, 'stroke-dasharray', style.dash.join(' '));
  setText(item.querySelector('.run-name')!, view.run);
  setText(item.querySelector('.run-facts')!, `step ${formatInteger(view.step)} · ${formatCount(view.tokens)} tokens`);
  setText(item.querySelector('.run-age')!, ageOf(view));
}

function ageOf({ finished, lastCheckpointAt }: RunView): string {
  if (finished) return 'finished';
  return lastCheckpointAt === undefined ? '' : `last checkpoint ${formatAge(Date.now() - lastCheckpointAt)} ago`;
}

function lineSample(): SVGElement {
  const root = document.createElementNS(SVG, 'svg');
  root.setAttribute('class', 'line-sample');
  root.setAttribute('viewBox', '0 0 22 10');
  root.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'line');
  for (const [name, value] of Object.entries({ x1: '0', x2: '22', y1: '5', y2: '5' })) line.setAttribute(name, value);
  root.append(line);
  return root;
}
