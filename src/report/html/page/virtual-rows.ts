/** A table of any length in a box that scrolls: only the rows in view are in the document. */

import { find, make } from './elements.js';

/** The height of a row, as the style sheet has it. */
const ROW_HEIGHT = 37;
/** Rows that are drawn above and below the ones in view. */
const ROWS_AROUND = 12;
const MOST_PRINTED = 200;

export interface RowMaker<Item> {
  row(item: Item, isOpen: boolean): HTMLTableRowElement;
  /** What stands below the row that is open. */
  detail(item: Item, columns: number): HTMLTableRowElement;
  /** The text shown when there are no rows. */
  readonly empty: string;
}

/** Shows items as rows of the table in `box`; a click on a row opens or closes it. */
export class VirtualRows<Item> {
  readonly #box: HTMLElement;
  readonly #body: HTMLTableSectionElement;
  readonly #heads: readonly HTMLElement[];
  readonly #maker: RowMaker<Item>;
  #items: readonly Item[] = [];
  #open = -1;
  #openHeight = 0;
  /** Key of the state that was drawn last; nothing is redrawn while it stays the same. */
  #drawn = '';
  #isPrinting = false;

  constructor(box: HTMLElement, maker: RowMaker<Item>) {
    this.#box = box;
    this.#body = find('tbody', box);
    this.#heads = [...box.querySelectorAll<HTMLElement>('thead th')];
    this.#maker = maker;
    box.addEventListener('scroll', () => this.#draw(), { passive: true });
    this.#body.addEventListener('click', ({ target }) => this.#toggle(target as Element));
    addEventListener('resize', () => this.#draw());
    addEventListener('beforeprint', () => this.#print(true));
    addEventListener('afterprint', () => this.#print(false));
  }

  /** Shows these items from the first one on, none of them open. */
  show(items: readonly Item[]): void {
    this.#items = items;
    this.#open = -1;
    this.#drawn = '';
    this.#box.scrollTop = 0;
    this.#draw();
  }

  #toggle(target: Element): void {
    const row = target.closest<HTMLElement>('tr.row');
    // A text that was just selected with the mouse is to be copied.
    if (row === null || String(getSelection()) !== '') return;
    const at = Number(row.dataset['at']);
    this.#open = this.#open === at ? -1 : at;
    this.#draw();
  }

  #print(isPrinting: boolean): void {
    this.#isPrinting = isPrinting;
    this.#draw();
  }

  #draw(): void {
    const [first, end] = this.#visible();
    const columns = this.#shownColumns();
    const drawn = [first, end, this.#open, this.#isPrinting, columns].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = this.#focusedRow();
    if (this.#items.length === 0) this.#body.replaceChildren(emptyRow(columns, this.#maker.empty));
    else this.#fill(first, end, columns);
    if (focused === undefined) return;
    const button = this.#body.querySelector<HTMLElement>(`tr[data-at="${focused}"] button`);
    button?.focus({ preventScroll: true });
  }

  /** The rows from `first` to before `end`, between two spaces as high as all others. */
  #fill(first: number, end: number, columns: number): void {
    const rows = this.#items.slice(first, end).map((item, index) => this.#row(item, first + index));
    this.#body.replaceChildren(...rows);
    const opened = this.#open >= first && this.#open < end ? this.#items[this.#open] : undefined;
    if (opened !== undefined) {
      const detail = this.#maker.detail(opened, columns);
      rows[this.#open - first]?.after(detail);
      this.#openHeight = detail.offsetHeight;
    }
    const above = this.#open >= 0 && this.#open < first ? this.#openHeight : 0;
    const below = this.#open >= end ? this.#openHeight : 0;
    this.#body.prepend(spaceRow(first * ROW_HEIGHT + above));
    this.#body.append(spaceRow(this.#isPrinting ? 0 : (this.#items.length - end) * ROW_HEIGHT + below));
  }

  #row(item: Item, at: number): HTMLTableRowElement {
    const row = this.#maker.row(item, at === this.#open);
    row.dataset['at'] = String(at);
    // Counted from 1, and the table's head is the first one.
    row.setAttribute('aria-rowindex', String(at + 2));
    return row;
  }

  /** The first row to draw and the one after the last. */
  #visible(): [first: number, end: number] {
    const count = this.#items.length;
    if (this.#isPrinting) return [0, Math.min(count, MOST_PRINTED)];
    const { scrollTop, clientHeight } = this.#box;
    const belowOpen = this.#open < 0 ? 0 : Math.max(0, scrollTop - (this.#open + 1) * ROW_HEIGHT);
    const inRows = scrollTop - Math.min(this.#openHeight, belowOpen);
    const first = Math.max(0, Math.floor(inRows / ROW_HEIGHT) - ROWS_AROUND);
    return [first, Math.min(count, first + Math.ceil(clientHeight / ROW_HEIGHT) + 2 * ROWS_AROUND)];
  }

  /** A narrow screen hides columns; a cell over more columns than there are would make new ones. */
  #shownColumns(): number {
    return this.#heads.filter((head) => head.offsetParent !== null).length || this.#heads.length;
  }

  #focusedRow(): string | undefined {
    const { activeElement } = document;
    if (!this.#body.contains(activeElement)) return undefined;
    return activeElement?.closest<HTMLElement>('tr')?.dataset['at'];
  }
}

function emptyRow(columns: number, text: string): HTMLTableRowElement {
  return make('tr', {}, make('td', { colSpan: columns, textContent: text }));
}

function spaceRow(height: number): HTMLTableRowElement {
  const cell = make('td');
  cell.style.height = `${height}px`;
  const row = make('tr', { className: 'space', hidden: height <= 0 }, cell);
  row.setAttribute('aria-hidden', 'true');
  return row;
}
