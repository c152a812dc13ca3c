/** Finding and making elements. Data reaches the page as text nodes and properties only, never as HTML. */

/** The first element that the selector finds. Throws when the page has none. */
export function find<Found extends Element = HTMLElement>(selector: string, within: ParentNode = document): Found {
  const found = within.querySelector<Found>(selector);
  if (found === null) throw new Error(`The page has no ${selector}`);
  return found;
}

/** A new element with these properties and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A list of names and their values. */
export function makeList(entries: readonly (readonly [name: string, value: string])[]): HTMLDListElement {
  const terms = entries.flatMap(([name, value]) => [
    make('dt', { textContent: name }),
    make('dd', { textContent: value }),
  ]);
  return make('dl', {}, ...terms);
}
