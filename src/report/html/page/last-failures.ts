/** The last failures, the newest first. */

import type { LiveFailure } from '../../../core/live/messages.js';
import { formatCount, formatDuration } from '../../../text/format.js';
import { find, make, setText } from './elements.js';
import type { LiveModel } from './live-model.js';
import { shown } from './live-words.js';

export class LastFailures {
  #drawn: readonly LiveFailure[] = [];

  draw({ failures, state, run }: LiveModel): void {
    if (failures === this.#drawn) return;
    this.#drawn = failures;
    const startMs = Date.parse(run.startedAt);
    find('#failures').hidden = failures.length === 0;
    find('#last').replaceChildren(...failures.map((failure) => failureRow(failure, startMs)));
    const all = state.failed + state.invalid;
    const note = `The last ${formatCount(failures.length)} of ${formatCount(all)}. The results have all of them.`;
    setText(find('#failures-note'), all > failures.length ? note : '');
  }
}

function failureRow(failure: LiveFailure, startMs: number): HTMLTableRowElement {
  const id = make('code', { textContent: failure.caseId === null ? '–' : shown(failure.caseId, 200) });
  const when = formatDuration(Math.max(0, Math.round((failure.atMs - startMs) / 1000) * 1000));
  return make(
    'tr',
    {},
    make('th', { scope: 'row', className: 'id' }, id),
    make('td', { className: 'cause', textContent: shown(failure.label, 80) }),
    make('td', { className: 'attempts num', textContent: formatCount(failure.attempts) }),
    make('td', { className: 'message', textContent: shown(failure.message) }),
    make('td', { className: 'when', textContent: when }),
  );
}
