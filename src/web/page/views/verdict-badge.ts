import { element, setAttribute, setText } from '../dom.js';
import { SIGNS } from '../lenses.js';
import type { Verdict } from '../protocol.js';

/** A verdict by word, sign and colour; the sign is not read out. */
export function createBadge(): HTMLSpanElement {
  return element(
    'span',
    { class: 'badge' },
    element('i', { class: 'badge-sign', 'aria-hidden': 'true' }),
    element('span', { class: 'badge-word' }),
  );
}

export function updateBadge(badge: HTMLElement, verdict: Verdict): void {
  setAttribute(badge, 'data-verdict', verdict);
  setText(badge.querySelector('.badge-sign')!, SIGNS[verdict]);
  setText(badge.querySelector('.badge-word')!, verdict);
}
