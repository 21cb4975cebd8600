import { KeyedList, element, setAttribute, setText } from '../dom.js';
import type { PanelView } from '../protocol.js';
import { formatHash } from '../selection.js';

export interface PanelItem {
  readonly view: PanelView;
  readonly selected: boolean;
}

/** Links to the panels. */
export function createPanelList(parent: HTMLElement): (items: readonly PanelItem[]) => void {
  const list = new KeyedList<PanelItem, HTMLLIElement>(
    parent,
    ({ view }) =>
      element(
        'li',
        {},
        element(
          'a',
          { href: formatHash({ panel: view.name }) },
          element('span', { class: 'panel-name' }),
          element('span', { class: 'count' }),
        ),
      ),
    (item, { view, selected }) => {
      setAttribute(item.querySelector('a')!, 'aria-current', selected ? 'true' : 'false');
      setText(item.querySelector('.panel-name')!, view.name);
      setText(item.querySelector('.count')!, view.runs.length === 1 ? '1 run' : `${String(view.runs.length)} runs`);
    },
  );
  return (items) => list.render(items, ({ view }) => view.name);
}
