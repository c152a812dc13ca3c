/** The sections about what went wrong: failures by kind, and the table of failed cases. */

import type { ReportView } from '../view.js';
import { clip } from '../../text/clip.js';
import type { FailureGroup } from '../../core/results/failure-groups.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { formatCount, formatCounted, formatDecimal, formatDuration, formatPercent } from '../../text/format.js';
import { causeData } from './cause-data.js';
import type { FailureRow, FailureRows } from './failure-rows.js';
import { breakablePlace, html, type Markup } from './markup.js';
import { placeOf } from './page/failure-data.js';

const SHOWN_GROUPS = 20;
const STATIC_ROWS = 200;

/** A bar per kind and cause; a click on one filters the table. */
export function failureKinds(groups: readonly FailureGroup[], view: ReportView): Markup {
  const most = Math.max(1, ...groups.map((group) => group.count));
  const shown = groups.slice(0, SHOWN_GROUPS);
  const rest = groups.slice(SHOWN_GROUPS);
  const left = rest.reduce((sum, group) => sum + group.count, 0);
  return html`<ol class="kinds">
      ${shown.map((group) => kindItem(group, most, view))}
    </ol>
    ${left > 0 && html`<p class="note">… and ${formatCounted(left, 'case')} with ${formatCounted(rest.length, 'other cause')}.</p>`}`;
}

function kindItem(group: FailureGroup, most: number, view: ReportView): Markup {
  const hint = view.hint?.(group);
  const more = group.count - group.examples.length;
  return html`<li>
    <a
      class="kind"
      href="#q=${encodeURIComponent(causeData(group).tokens.join(' '))}"
      title="Show these cases in the table"
    >
      <code>${failureLabel(group)}</code
      ><span class="track"><i style="width:${formatDecimal((group.count / most) * 100, 2)}%"></i></span>
      <b>${formatCount(group.count)}</b><span class="share">${formatPercent(group.count, view.summary.failed)}</span></a
    >
    <div class="about">
      <p>${group.message}</p>
      ${group.words !== undefined && html`<blockquote>${group.words}${group.wordsVary && ' (and others)'}</blockquote>`}
      ${hint !== undefined && html`<p class="hint">→ ${clip(hint, 1000)}</p>`}
      <p class="ids">
        ${group.examples.map((id) => html`<code>${id}</code> `)}${more > 0 && `and ${formatCount(more)} more`}
      </p>
    </div>
  </li>`;
}

/** The table with its tools. The first rows are there without script; with it, all of them. */
export function failureTable(rows: FailureRows, failed: number): Markup {
  const shown = rows.first(STATIC_ROWS);
  return html`<div class="tools" hidden>
      <label class="search"
        ><span>Search</span
        ><input
          type="search"
          id="query"
          autocomplete="off"
          spellcheck="false"
          placeholder="words, kind:timeout, status:503, id:CASE-02*"
      /></label>
      <div class="actions">
        <button type="button" id="copy">Copy ids</button
        ><button
          type="button"
          id="save"
          title='One {"id": …} a line: ids only. For the whole cases use --dead-letter FILE.'
        >
          Download ids (NDJSON)
        </button>
      </div>
      <div class="chips" id="chips" role="group" aria-label="Filters"></div>
      <p class="found" id="found" role="status"></p>
    </div>
    <div class="rows" id="rows" tabindex="-1">
      <table aria-label="Failed cases">
        <thead>
          <tr>
            <th scope="col" class="id" data-sort="id">Case</th>
            <th scope="col" class="cause" data-sort="cause">Cause</th>
            <th scope="col" class="attempts num" data-sort="attempts">Attempts</th>
            <th scope="col" class="time num" data-sort="time">Time</th>
            <th scope="col" class="message" data-sort="message">What happened</th>
            <th scope="col" class="source" data-sort="source">Source</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(staticRow)}
        </tbody>
      </table>
    </div>
    <p class="note" id="static-note">
      ${failed > shown.length ? `The first ${formatCount(shown.length)} of ${formatCount(failed)}. With JavaScript all of them can be searched here.` : ''}
    </p>
    ${limits(rows)}`;
}

function staticRow(row: FailureRow): Markup {
  return html`<tr>
    <th scope="row" class="id"><code>${row.id}</code></th>
    <td class="cause">${row.cause}</td>
    <td class="attempts num">${row.attempts}</td>
    <td class="time num">${formatDuration(row.ms)}</td>
    <td class="message">${row.message}${answer(row)}</td>
    <td class="source">${breakablePlace(placeOf(row.file, row.line) || '–')}</td>
  </tr> `;
}

function answer({ body, requestId }: FailureRow): Markup {
  if (body === '' && requestId === '') return html``;
  return html`<details>
    <summary>${body === '' ? 'Request id' : 'Answer'}</summary>
    ${body !== '' && html`<pre>${body}</pre>`}${requestId !== '' && html`<p>Request id <code>${requestId}</code></p>`}
  </details>`;
}

function limits(rows: FailureRows): Markup {
  const notes = [
    rows.shortened
      ? 'Messages, answers and request ids are cut short or left out to keep this page small; the results have them in full.'
      : '',
    rows.left > 0
      ? `${formatCounted(rows.left, 'more failed case')} did not fit into this page; the results have all of them.`
      : '',
  ].filter((note) => note !== '');
  return notes.length === 0 ? html`` : html`<p class="note">${notes.join(' ')}</p>`;
}
