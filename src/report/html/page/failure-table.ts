/** The table of failed cases with its search, filters and sorting. What is searched for is kept in the page's address. */

import { formatCount } from '../../../text/format.js';
import { caseRows } from './case-rows.js';
import { find, make } from './elements.js';
import { type FailedCase, FailedCases } from './failed-cases.js';
import type { FailureData } from './failure-data.js';
import { drawChips } from './filter-chips.js';
import { isSameToken, parseQuery, searchAddress, searchInAddress } from './query.js';
import { copyIds, saveIds } from './take-ids.js';
import { VirtualRows } from './virtual-rows.js';

const MOST_CHIPS = 16;

/** Replaces the first rows, which the page has without JavaScript, by a table of all of them. */
export function startFailureTable(data: FailureData): void {
  const table = new FailureTable(new FailedCases(data));
  table.start();
}

class FailureTable {
  readonly #cases: FailedCases;
  readonly #rows: VirtualRows<FailedCase>;
  readonly #suggestions: readonly (readonly [token: string, count: number])[];
  readonly #query = find<HTMLInputElement>('#query');
  readonly #heads = [...document.querySelectorAll<HTMLElement>('#rows thead th')];
  #found: readonly FailedCase[] = [];
  #sort = '';

  constructor(cases: FailedCases) {
    this.#cases = cases;
    this.#rows = new VirtualRows(find('#rows'), caseRows(cases));
    this.#suggestions = cases.suggestions(MOST_CHIPS);
  }

  start(): void {
    this.#showTools();
    this.#query.addEventListener('input', () => this.#changed());
    find('#copy').addEventListener('click', () => void this.#copy());
    find('#save').addEventListener('click', () => this.#save());
    addEventListener('hashchange', () => {
      if (this.#readAddress()) find('#failures').scrollIntoView();
    });
    if (!this.#readAddress()) this.#search();
  }

  #showTools(): void {
    find('#rows').classList.add('live');
    find('.tools').hidden = false;
    find('#static-note').hidden = true;
    find('#rows table').setAttribute('aria-rowcount', String(this.#cases.all.length + 1));
    for (const head of this.#heads) {
      const button = make('button', { type: 'button', textContent: head.textContent });
      button.addEventListener('click', () => this.#sortBy(head.dataset['sort'] ?? ''));
      head.replaceChildren(button);
    }
  }

  #readAddress(): boolean {
    const search = searchInAddress(location.hash);
    if (search === undefined) return false;
    this.#query.value = search.query;
    this.#sort = search.sort;
    this.#search();
    return true;
  }

  #changed(): void {
    this.#search();
    history.replaceState(null, '', searchAddress({ query: this.#query.value, sort: this.#sort }));
  }

  #search(): void {
    this.#found = this.#cases.find(this.#query.value, this.#sort);
    this.#rows.show(this.#found);
    drawChips(find('#chips'), this.#suggestions, parseQuery(this.#query.value), (token) => this.#toggleToken(token));
    this.#markSorted();
    say(this.#foundText());
  }

  #foundText(): string {
    const { all, left } = this.#cases;
    const total = formatCount(all.length) + (left > 0 ? ` of ${formatCount(all.length + left)}` : '');
    return this.#found.length === all.length
      ? `All ${total} failed cases`
      : `${formatCount(this.#found.length)} of ${total} failed cases`;
  }

  /** Upwards, downwards, and back to the order of the input. */
  #sortBy(column: string): void {
    this.#sort = this.#sort === column ? `-${column}` : this.#sort === `-${column}` ? '' : column;
    this.#changed();
  }

  #markSorted(): void {
    for (const head of this.#heads) {
      const column = head.dataset['sort'] ?? '';
      if (this.#sort === column) head.setAttribute('aria-sort', 'ascending');
      else if (this.#sort === `-${column}`) head.setAttribute('aria-sort', 'descending');
      else head.removeAttribute('aria-sort');
    }
  }

  #toggleToken(token: string): void {
    const sources = parseQuery(this.#query.value).map(({ source }) => source);
    const others = sources.filter((source) => !isSameToken(source, token));
    this.#query.value = (others.length < sources.length ? others : [...sources, token]).join(' ');
    this.#changed();
  }

  async #copy(): Promise<void> {
    const ids = this.#wholeIds();
    const isCopied = await copyIds(ids);
    say(isCopied ? `Copied ${this.#countText(ids)}` : 'The browser does not allow copying');
  }

  #save(): void {
    const ids = this.#wholeIds();
    saveIds(ids);
    say(`Saved ${this.#countText(ids)}`);
  }

  #wholeIds(): string[] {
    return this.#found.filter(({ isIdCut }) => !isIdCut).map(({ id }) => id);
  }

  #countText({ length }: readonly string[]): string {
    const cut = this.#found.length - length;
    return `${formatCount(length)} ids${cut > 0 ? `; ${formatCount(cut)} too long for this page are left out` : ''}`;
  }
}

function say(text: string): void {
  find('#found').textContent = text;
}
