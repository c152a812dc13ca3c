/** A failed case as a row of the table, and what stands below it when it is open. */

import { formatDuration } from '../../../text/format.js';
import { printable } from '../../../text/printable.js';
import { make, makeList } from './elements.js';
import type { FailedCase, FailedCases } from './failed-cases.js';
import type { RowMaker } from './virtual-rows.js';

export function caseRows(cases: FailedCases): RowMaker<FailedCase> {
  return {
    row: (aCase, isOpen) => caseRow(cases, aCase, isOpen),
    detail: (aCase, columns) =>
      make('tr', { className: 'detail' }, make('td', { colSpan: columns }, ...details(cases, aCase))),
    empty: 'No failed case matches.',
  };
}

function caseRow(cases: FailedCases, aCase: FailedCase, isOpen: boolean): HTMLTableRowElement {
  const button = make('button', { type: 'button' }, make('code', { textContent: printable(aCase.id) }));
  button.setAttribute('aria-expanded', String(isOpen));
  return make(
    'tr',
    { className: 'row' },
    make('th', { className: 'id' }, button),
    textCell('cause', cases.causeOf(aCase)),
    make('td', { className: 'attempts num', textContent: String(aCase.attempts) }),
    make('td', { className: 'time num', textContent: formatDuration(aCase.durationMs) }),
    textCell('message', cases.textOf(aCase.message)),
    textCell('source', cases.placeOf(aCase) || '–'),
  );
}

/** A cell whose text may be too long for it: pointing at it shows all of it. */
function textCell(className: string, text: string): HTMLTableCellElement {
  const shown = printable(text);
  return make('td', { className, title: shown, textContent: shown });
}

function details(cases: FailedCases, aCase: FailedCase): HTMLElement[] {
  const facts = [
    ['Case', aCase.id],
    ['Cause', cases.causeOf(aCase)],
    ['Message', cases.textOf(aCase.message)],
    ['Attempts', String(aCase.attempts)],
    ['Time', formatDuration(aCase.durationMs)],
    ['Request id', aCase.requestId],
    ['Source', cases.placeOf(aCase)],
  ] as const;
  const known = facts.filter(([, value]) => value !== '').map(([name, value]) => [name, printable(value)] as const);
  const answer = cases.textOf(aCase.answer);
  if (answer === '') return [makeList(known)];
  const lines = answer.split('\n').map(printable).join('\n');
  return [makeList(known), make('p', { textContent: 'Answer' }), make('pre', { textContent: lines })];
}
