/** The top of the page: the verdict so far with its shares, and the tiles. */

import type { LiveEnd } from '../../../core/live/messages.js';
import { formatCount, formatDecimal } from '../../../text/format.js';
import { find, make, setText } from './elements.js';
import { type Child, KeyedChildren } from './keyed-children.js';
import type { LiveModel } from './live-model.js';
import { callTiles, outcomeTiles, type Tile } from './live-tiles.js';
import { type Fact, facts, headline, MARKS, moodOf, progress, shown } from './live-words.js';

export class VerdictHead {
  readonly #facts = new KeyedChildren<Fact>(find('#facts'), { key: ([name]) => name, make: factItem });
  readonly #outcomes = new KeyedChildren<Tile>(find('#outcomes'), { key: ({ name }) => name, make: tileItem });
  readonly #calls = new KeyedChildren<Tile>(find('#calls'), { key: ({ name }) => name, make: tileItem });

  draw(model: LiveModel): void {
    const mood = moodOf(model);
    find('#verdict').className = `verdict ${mood}`;
    setText(find('#mark'), MARKS[mood]);
    setText(find('#headline'), headline(model));
    setText(find('#progress'), progress(model));
    drawShares(find('#shares'), model);
    this.#facts.show(facts(model));
    drawThresholds(find('#thresholds'), model.end?.thresholds ?? []);
    find('#tiles').hidden = false;
    this.#outcomes.show(outcomeTiles(model));
    this.#calls.show(callTiles(model));
  }
}

/** How much of the whole each outcome has, and what is still to be done. */
function drawShares(box: HTMLElement, { state }: LiveModel): void {
  const { done, total, enriched, failed, invalid, cancelled } = state;
  const whole = Math.max(done, total ?? 0, 1);
  const parts = [
    ['ok', enriched, 'enriched'],
    ['failed', failed, 'failed'],
    ['invalid', invalid, 'invalid'],
    ['cancelled', cancelled, 'cancelled'],
    ['rest', whole - done, 'to do'],
  ] as const;
  const some = parts.filter(([, amount]) => amount > 0);
  box.setAttribute('aria-label', some.map(([, amount, name]) => `${formatCount(amount)} ${name}`).join(', '));
  box.replaceChildren(
    ...some.map(([className, amount, name]) => {
      const part = make('i', { className, title: `${formatCount(amount)} ${name}` });
      part.style.flexGrow = formatDecimal((amount / whole) * 1000, 3);
      return part;
    }),
  );
}

function factItem([name]: Fact): Child<Fact> {
  const value = make('dd');
  return {
    element: make('div', {}, make('dt', { textContent: name }), value),
    update: ([, text]) => setText(value, text),
  };
}

function tileItem({ name }: Tile): Child<Tile> {
  const [value, more] = [make('dd'), make('dd', { className: 'more' })];
  const element = make('div', {}, make('dt', { textContent: name }), value, more);
  return {
    element,
    update(tile) {
      element.className = `tile ${tile.className}${tile.isZero ? ' zero' : ''}`;
      setText(value, tile.value);
      setText(more, tile.more);
    },
  };
}

function drawThresholds(list: HTMLElement, all: LiveEnd['thresholds']): void {
  list.hidden = all.length === 0;
  list.replaceChildren(
    ...all.slice(0, 20).map(({ flag, measured, ok }) => {
      const text = ` ${ok ? 'met' : 'not met'}: ${shown(measured, 100)}`;
      const mark = make('b', { textContent: ok ? '✓ ' : '✗ ' });
      const item = make(
        'li',
        { className: ok ? 'met' : 'unmet' },
        mark,
        make('code', { textContent: shown(flag, 200) }),
      );
      item.append(make('span', { textContent: text }));
      return item;
    }),
  );
}
