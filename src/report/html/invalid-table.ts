import { formatCount } from '../../text/format.js';
import { type InvalidRecord, type InvalidRecords, nameOf, sourceOf } from '../invalid-records.js';
import { breakablePlace, html, type Markup } from './markup.js';
import { tallTable } from './plain-table.js';

/** Where the records stand that are not valid cases, and why. */
export function invalidTable(invalid: InvalidRecords): Markup {
  const left = invalid.count - invalid.first.length;
  const columns = [{ name: 'Place' }, { name: 'Record' }, { name: 'Why' }];
  return html`${tallTable('Invalid records', columns, invalid.first.map(invalidRow))}
  ${left > 0 && html`<p class="note">… and ${formatCount(left)} more: <code>case-tracker validate</code> lists all of them.</p>`}`;
}

function invalidRow(result: InvalidRecord): Markup {
  return html`<tr>
    <th scope="row" class="place"><code>${breakablePlace(sourceOf(result) || '–')}</code></th>
    <td>${result.caseId === null ? '–' : nameOf(result)}</td>
    <td>${result.error?.message ?? ''}</td>
  </tr>`;
}
