/** The children of an element, kept while they are about the same thing: focus and a selected text survive an update. */

export interface ChildMaker<Item> {
  key(item: Item): string | number;
  make(item: Item): Child<Item>;
}

export interface Child<Item> {
  readonly element: Element;
  update(item: Item): void;
}

export class KeyedChildren<Item> {
  readonly #box: Element;
  readonly #maker: ChildMaker<Item>;
  #children = new Map<string | number, Child<Item>>();

  constructor(box: Element, maker: ChildMaker<Item>) {
    this.#box = box;
    this.#maker = maker;
  }

  /** Shows these items, and nothing else, in this order. */
  show(items: readonly Item[]): void {
    const kept = new Map<string | number, Child<Item>>();
    for (const item of items) {
      const key = this.#maker.key(item);
      const child = this.#children.get(key) ?? this.#maker.make(item);
      child.update(item);
      kept.set(key, child);
    }
    for (const [key, { element }] of this.#children) if (!kept.has(key)) element.remove();
    this.#children = kept;
    [...kept.values()].forEach(({ element }, at) => this.#place(element, at));
  }

  #place(element: Element, at: number): void {
    const there = this.#box.children[at] ?? null;
    if (there !== element) this.#box.insertBefore(element, there);
  }
}
