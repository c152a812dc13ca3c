/** The failures by cause: a bar each, as long as its share of the most frequent one. */

import type { LiveGroup } from '../../../core/live/messages.js';
import { formatCount, formatPercent } from '../../../text/format.js';
import { cssPercent } from './chart-paths.js';
import { find, make, setText } from './elements.js';
import { type Child, KeyedChildren } from './keyed-children.js';
import type { LiveModel } from './live-model.js';
import { shown } from './live-words.js';

const MOST_EXAMPLES = 3;

interface Cause {
  readonly group: LiveGroup;
  /** Cases of the most frequent cause, and of all. */
  readonly most: number;
  readonly all: number;
}

export class CauseList {
  readonly #list = new KeyedChildren<Cause>(find('#kinds'), { key: ({ group }) => group.number, make: causeItem });

  draw({ groups, state }: LiveModel): void {
    const all = state.failed + state.invalid;
    const most = Math.max(1, ...groups.map(({ count }) => count));
    find('#causes').hidden = groups.length === 0;
    this.#list.show(groups.map((group) => ({ group, most, all })));
    const rest = all - groups.reduce((sum, { count }) => sum + count, 0);
    setText(find('#causes-note'), rest > 0 ? `… and ${formatCount(rest)} with other causes.` : '');
  }
}

function causeItem(): Child<Cause> {
  const [label, bar, count, share] = [make('code'), make('i'), make('b'), make('span', { className: 'share' })];
  const head = make('div', { className: 'kind' }, label, make('span', { className: 'track' }, bar), count, share);
  const [message, words] = [make('p'), make('blockquote')];
  const [hint, ids] = [make('p', { className: 'hint' }), make('p', { className: 'ids' })];
  const about = make('div', { className: 'about' }, message, words, hint, ids);
  return {
    element: make('li', {}, head, about),
    update({ group, most, all }) {
      setText(label, shown(group.label, 80));
      bar.className = group.status;
      bar.style.width = cssPercent(group.count / most);
      setText(count, formatCount(group.count));
      setText(share, formatPercent(group.count, all));
      setText(message, shown(group.message));
      setOptional(words, shown(group.words ?? ''));
      setOptional(hint, group.hint === undefined ? '' : `→ ${shown(group.hint, 1000)}`);
      setText(ids, examplesText(group));
    },
  };
}

function setOptional(element: HTMLElement, text: string): void {
  element.hidden = text === '';
  setText(element, text);
}

function examplesText({ examples, count, retryable }: LiveGroup): string {
  const some = examples.slice(0, MOST_EXAMPLES).map((example) => shown(example, 120));
  const more = count - some.length;
  const list = `${some.join(', ')}${more > 0 ? ` … and ${formatCount(more)} more` : ''}`;
  return retryable > 0 ? `${list} · ${formatCount(retryable)} may succeed in a later run` : list;
}
