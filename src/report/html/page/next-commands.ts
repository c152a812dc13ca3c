/** The commands to go on with after the end, each with a button that copies it. */

import type { LiveEnd } from '../../../core/live/messages.js';
import { find, make, setText } from './elements.js';
import type { LiveModel } from './live-model.js';
import { shown } from './live-words.js';
import { copyText } from './take-text.js';

const MOST = 10;

export class NextCommands {
  #drawn: LiveEnd | null = null;

  /** Once, at the end. */
  draw({ end }: LiveModel): void {
    if (end === this.#drawn) return;
    this.#drawn = end;
    const next = end?.next ?? [];
    find('#next').hidden = next.length === 0;
    find('#commands').replaceChildren(...next.slice(0, MOST).map(commandItem));
  }
}

function commandItem({ command, what }: LiveEnd['next'][number]): HTMLLIElement {
  const text = shown(command, 2000);
  const button = make('button', { type: 'button', textContent: 'Copy' });
  button.addEventListener('click', () => {
    void copyText(text).then((isCopied) => setText(button, isCopied ? 'Copied' : 'Not allowed'));
  });
  return make('li', {}, make('code', { textContent: text }), button, make('p', { textContent: shown(what, 200) }));
}
