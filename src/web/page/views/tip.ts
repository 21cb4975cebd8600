import { element } from '../dom.js';

const ID = 'tip';
const GAP = 6;

/**
 * One box beside what is pointed at or has the focus, with the reasons behind it. It stays while the pointer is in it,
 * goes with Escape, and describes its anchor to screen readers (WCAG 2.1, 1.4.13).
 */
export class Tip {
  private readonly root = element('div', { id: ID, class: 'tip', role: 'tooltip' });
  private anchor: HTMLElement | undefined;
  private closing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.root.hidden = true;
    document.body.append(this.root);
    this.root.addEventListener('pointerenter', () => clearTimeout(this.closing));
    this.root.addEventListener('pointerleave', () => this.hideSoon());
    addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.hide();
    });
    addEventListener('scroll', () => this.place(), { capture: true, passive: true });
  }

  /** Shows what `contentOf` gives while the area of this anchor is pointed at or was tapped, or the anchor has the focus. */
  attach(anchor: HTMLElement, contentOf: () => readonly Node[], area: HTMLElement): void {
    const show = (): void => this.show(anchor, contentOf());
    area.addEventListener('pointerenter', show);
    area.addEventListener('click', show);
    area.addEventListener('pointerleave', () => this.hideSoon());
    anchor.addEventListener('focus', show);
    anchor.addEventListener('blur', () => this.hide());
  }

  private show(anchor: HTMLElement, content: readonly Node[]): void {
    this.hide();
    this.anchor = anchor;
    anchor.setAttribute('aria-describedby', ID);
    this.root.replaceChildren(...content);
    this.root.hidden = false;
    this.place();
  }

  /** Time to move the pointer into the box. */
  private hideSoon(): void {
    clearTimeout(this.closing);
    this.closing = setTimeout(() => this.hide(), 150);
  }

  private hide(): void {
    clearTimeout(this.closing);
    this.anchor?.removeAttribute('aria-describedby');
    this.anchor = undefined;
    this.root.hidden = true;
  }

  /** Below the anchor, or above it where there is no room, and within the window. */
  private place(): void {
    if (this.anchor === undefined) return;
    const { left, top, bottom } = this.anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const { clientWidth, clientHeight } = document.documentElement;
    const below = bottom + GAP + height <= clientHeight || top < height + GAP;
    this.root.style.left = `${String(Math.max(GAP, Math.min(left, clientWidth - width - GAP)))}px`;
    this.root.style.top = `${String(below ? bottom + GAP : top - height - GAP)}px`;
  }
}
