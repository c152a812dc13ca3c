/** The buttons that add a token to the search or take it away again. */

import { formatCount } from '../../../text/format.js';
import { printable } from '../../../text/printable.js';
import { make } from './elements.js';
import { isSameToken, type Token } from './query.js';

/** A button for each suggested token with its count, and one for each other field that is searched for. */
export function drawChips(
  box: HTMLElement,
  suggestions: readonly (readonly [token: string, count: number])[],
  tokens: readonly Token[],
  toggle: (token: string) => void,
): void {
  const others = tokens.filter(
    ({ field, source }) => field !== undefined && !suggestions.some(([token]) => isSameToken(token, source)),
  );
  const chips = [
    ...suggestions.map(([token, count]) => chip(token, formatCount(count))),
    ...others.map(({ source }) => chip(source, '×')),
  ];
  for (const button of chips) {
    const token = button.dataset['token'] ?? '';
    button.setAttribute('aria-pressed', String(tokens.some(({ source }) => isSameToken(source, token))));
    button.addEventListener('click', () => toggle(token));
  }
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['token'] : undefined;
  box.replaceChildren(...chips);
  if (focused !== undefined) chips.find(({ dataset }) => dataset['token'] === focused)?.focus();
}

function chip(token: string, more: string): HTMLButtonElement {
  const button = make('button', { type: 'button' }, `${printable(token)} `, make('small', { textContent: more }));
  button.dataset['token'] = token;
  return button;
}
