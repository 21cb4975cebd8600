import type { Contradiction } from '../contradictions.js';
import { KeyedList, element, setAttribute, setText } from '../dom.js';
import { formatInteger, formatSigned, metricTitle } from '../format.js';
import { counted } from '../lenses.js';
import { formatHash } from '../selection.js';

interface Item {
  readonly panel: string;
  readonly view: Contradiction;
}

/** Pairs of metrics that put the same runs in opposite order, with links to both. */
export function createContradictionList(
  parent: HTMLElement,
): (panel: string, contradictions: readonly Contradiction[]) => void {
  const list = new KeyedList<Item, HTMLLIElement>(parent, create, update);
  return (panel, contradictions) =>
    list.render(
      contradictions.map((view) => ({ panel, view })),
      ({ view: { first, second } }) => JSON.stringify([panel, first.key, second.key]),
    );
}

function create({ panel, view: { first, second } }: Item): HTMLLIElement {
  const link = (key: string, title: string): HTMLElement =>
    element('a', { href: formatHash({ panel, metric: key }) }, title);
  const names = element(
    'span',
    { class: 'pair' },
    link(first.key, metricTitle(first)),
    ' against ',
    link(second.key, metricTitle(second)),
  );
  return element('li', {}, names, element('span', { class: 'pair-text' }));
}

function update(item: HTMLLIElement, { view: { opposite, resolved, tau, step } }: Item): void {
  const agreement = tau === undefined ? '' : `, τ-b ${formatSigned(tau)}`;
  setText(
    item.querySelector('.pair-text')!,
    `opposite order of ${String(opposite)} of ${counted(resolved, 'run pair')} that both tell apart at step ${formatInteger(step)}${agreement}`,
  );
  setAttribute(item, 'data-opposite', String(opposite));
}
