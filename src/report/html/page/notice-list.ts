/** The notices of the moment as elements. */

import { find, make, setText } from './elements.js';
import { type Child, KeyedChildren } from './keyed-children.js';
import type { Notice } from './notices.js';

export class NoticeList {
  readonly #list: KeyedChildren<Notice>;

  constructor(retry: () => void) {
    this.#list = new KeyedChildren(find('#notices'), { key: ({ key }) => key, make: () => noticeItem(retry) });
  }

  draw(notices: readonly Notice[]): void {
    this.#list.show(notices);
  }
}

function noticeItem(retry: () => void): Child<Notice> {
  const [title, text] = [make('b'), make('span')];
  const button = make('button', { type: 'button', textContent: 'Try now' });
  button.addEventListener('click', retry);
  const element = make('p', {}, title, ' ', text, ' ', button);
  return {
    element,
    update(notice) {
      element.className = `notice ${notice.look}`;
      setText(title, notice.title);
      setText(text, notice.text);
      button.hidden = !notice.canRetry;
    },
  };
}
