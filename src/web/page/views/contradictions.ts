import { contradictionsOf, type Contradiction } from '../contradictions.js';
import { KeyedList, byId, element, setAttribute, setText } from '../dom.js';
import { formatInteger, formatSigned, metricTitle } from '../format.js';
import { counted } from '../lenses.js';
import type { PanelView } from '../protocol.js';
import { formatHash } from '../selection.js';

interface Item {
  readonly panel: string;
  readonly view: Contradiction;
}

/** Pairs that are shown; the others are counted. */
const SHOWN = 20;

/** Pairs of metrics that put the same runs in opposite order, with links to both. Found anew when the metrics change. */
export function createContradictionList(): (panel: PanelView) => void {
  const list = new KeyedList<Item, HTMLLIElement>(byId('contradictions'), create, update);
  let shown: PanelView['metrics'] | undefined;
  return ({ name, metrics }) => {
    if (metrics === shown) return;
    shown = metrics;
    const found = contradictionsOf(metrics);
    list.render(
      found.slice(0, SHOWN).map((view) => ({ panel: name, view })),
      ({ view: { first, second } }) => JSON.stringify([name, first.key, second.key]),
    );
    const more = found.length - SHOWN;
    setText(byId('more-contradictions'), more > 0 ? `and ${counted(more, 'pair')} more` : '');
    byId('no-contradictions').hidden = found.length > 0;
  };
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
