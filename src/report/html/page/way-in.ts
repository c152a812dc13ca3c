/** What the page shows when its address has no token: how to get the whole address, and a field for it. */

import { find, setText } from './elements.js';
import { tokenInPasted } from './token.js';

/** Shows or hides it. */
export function showWayIn(isShown: boolean): void {
  find('#way-in').hidden = !isShown;
  if (!isShown) return;
  setText(find('#headline'), 'Which run?');
  setText(find('#mark'), '?');
  find<HTMLInputElement>('#pasted').focus();
}

/** Hands over the token that somebody enters. */
export function onTokenEntered(listener: (token: string) => void): void {
  const field = find<HTMLInputElement>('#pasted');
  const enter = (): void => {
    const token = tokenInPasted(field.value);
    if (token === undefined) return setText(find('#paste-note'), 'There is no token in it: it stands after the #.');
    field.value = '';
    listener(token);
  };
  find('#enter').addEventListener('click', enter);
  field.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') enter();
  });
}
