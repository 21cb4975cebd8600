import { element, setAttribute, setText } from '../dom.js';
import type { Verdict } from '../protocol.js';

/** A verdict by word, sign and colour; the sign is drawn by the style sheet, and not read out. */
export function createBadge(): HTMLSpanElement {
  return element('span', { class: 'badge' });
}

export function updateBadge(badge: HTMLElement, verdict: Verdict): void {
  setAttribute(badge, 'data-verdict', verdict);
  setText(badge, verdict);
}
