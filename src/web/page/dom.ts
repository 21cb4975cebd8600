/** An element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  created.append(...children);
  return created;
}

/** The element of the page with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element '${id}'`);
  return found;
}

/** Sets a text only where it differs: an unchanged page is not laid out again, and a selection in it survives. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setAttribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** Children of a parent by key, kept across updates: what stays is not made anew, so it keeps focus and does not flicker. */
export class KeyedList<T, E extends HTMLElement> {
  private readonly elements = new Map<string, E>();

  constructor(
    private readonly parent: HTMLElement,
    private readonly create: (item: T) => E,
    private readonly update: (child: E, item: T) => void,
  ) {}

  render(items: readonly T[], keyOf: (item: T) => string): void {
    const placing = this.place(items, keyOf);
    while (placing.next().done !== true);
  }

  /**
   * Renders a child a step, from the first on; those that are gone go with the first step. A step tells whether the
   * child is new there.
   */
  *place(items: readonly T[], keyOf: (item: T) => string): Generator<boolean, void> {
    const keys = new Set(items.map(keyOf));
    for (const [key, child] of this.elements)
      if (!keys.has(key)) {
        child.remove();
        this.elements.delete(key);
      }
    for (const [index, item] of items.entries()) {
      const child = this.elementOf(keyOf(item), item);
      this.update(child, item);
      const there = this.parent.children.item(index);
      if (there !== child) this.parent.insertBefore(child, there);
      yield there !== child;
    }
  }

  private elementOf(key: string, item: T): E {
    const child = this.elements.get(key) ?? this.create(item);
    this.elements.set(key, child);
    return child;
  }
}
