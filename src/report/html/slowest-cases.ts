import { failureLabel } from '../../core/results/failure-label.js';
import type { AnyResult } from '../../core/results/run-info.js';
import { clip } from '../../text/clip.js';
import { formatDuration, formatInstant } from '../../text/format.js';
import { callingMs, nameOf } from '../invalid-records.js';
import { html, type Markup } from './markup.js';
import { type Column, splitBar, tallTable } from './plain-table.js';

const MOST_CASES = 200;

const COLUMNS: readonly Column[] = [
  { name: 'Case' },
  { name: 'Outcome' },
  { name: 'Attempts', className: 'num' },
  { name: 'Time', className: 'num' },
  { name: 'In calls', className: 'num' },
  { name: 'Share of the slowest', className: 'split', isNameHidden: true },
  { name: 'Ended', className: 'when' },
];

interface SlowCase {
  readonly name: string;
  readonly outcome: string;
  readonly ok: boolean;
  readonly attempts: number;
  readonly durationMs: number;
  readonly callingMs: number;
  readonly at: string;
}

/** The 200 cases that took longest, waits included. */
export class SlowestCases {
  #cases: SlowCase[] = [];
  /** The least duration that a case needs to be one of them, in milliseconds. */
  #leastMs = 0;

  add(result: AnyResult): void {
    if (result.attempts === 0 || result.durationMs <= this.#leastMs) return;
    this.#cases.push(slowCase(result));
    if (this.#cases.length >= 2 * MOST_CASES) this.#keepSlowest();
  }

  section(): Markup {
    this.#keepSlowest();
    const [slowest] = this.#cases;
    if (slowest === undefined) return html`<p class="empty">No case was called.</p>`;
    const rows = this.#cases.map((slow) => slowRow(slow, slowest.durationMs));
    return html`<ul class="legend">
        <li><i class="key flight-bar"></i>in calls</li>
        <li><i class="key waiting"></i>waiting between them</li>
        <li>failed cases are among them</li>
      </ul>
      ${tallTable('Slowest cases', COLUMNS, rows, 'slowest')}`;
  }

  #keepSlowest(): void {
    this.#cases = this.#cases.sort((a, b) => b.durationMs - a.durationMs).slice(0, MOST_CASES);
    if (this.#cases.length === MOST_CASES) this.#leastMs = this.#cases.at(-1)?.durationMs ?? 0;
  }
}

function slowCase(result: AnyResult): SlowCase {
  const { status, error, attempts, durationMs } = result;
  return {
    name: nameOf(result),
    outcome: status === 'failed' && error !== null ? failureLabel(error) : status,
    ok: status === 'enriched',
    attempts,
    durationMs,
    callingMs: callingMs(result),
    at: clip(result.at, 40),
  };
}

function slowRow(slow: SlowCase, slowestMs: number): Markup {
  const inCallsMs = Math.min(slow.callingMs, slow.durationMs);
  const bar = splitBar(
    [
      ['flight-bar', inCallsMs],
      ['waiting', slow.durationMs - inCallsMs],
    ],
    slowestMs,
  );
  return html`<tr>
    <th scope="row"><code>${slow.name}</code></th>
    <td>${slow.ok ? '✓' : '✗'} ${slow.outcome}</td>
    <td class="num">${slow.attempts}</td>
    <td class="num">${formatDuration(slow.durationMs)}</td>
    <td class="num">${formatDuration(inCallsMs)}</td>
    <td class="split">${bar}</td>
    <td class="when">${formatInstant(slow.at).slice(11, 19)}</td>
  </tr> `;
}
