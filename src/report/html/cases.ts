/** The sections about how it ran: the slowest cases, what retries did, the settings. */

import type { AnyResult, Summary } from '../../core/results/run-info.js';
import { callingMs, nameOf } from '../invalid-records.js';
import type { Setting } from '../view.js';
import { clip } from '../../text/clip.js';
import { failureLabel } from '../../core/results/failure-label.js';
import {
  formatCount,
  formatCounted,
  formatDecimal,
  formatDuration,
  formatInstant,
  formatPercent,
} from '../../text/format.js';
import { html, type Markup } from './markup.js';

const SLOWEST = 200;
const MOST_ATTEMPTS = 10;

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
  #floor = 0;

  add(result: AnyResult): void {
    if (result.attempts === 0 || result.durationMs <= this.#floor) return;
    this.#cases.push(slowCase(result));
    if (this.#cases.length >= 2 * SLOWEST) this.#keepSlowest();
  }

  section(): Markup {
    this.#keepSlowest();
    const longest = this.#cases[0]?.durationMs ?? 1;
    if (this.#cases.length === 0) return html`<p class="empty">No case was called.</p>`;
    return html`<ul class="legend">
        <li><i class="key flight-bar"></i>in calls</li>
        <li><i class="key waiting"></i>waiting between them</li>
        <li>failed cases are among them</li>
      </ul>
      <div class="scroll tall" tabindex="0" role="region" aria-label="Slowest cases">
        <table class="plain slowest">
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Outcome</th>
              <th scope="col" class="num">Attempts</th>
              <th scope="col" class="num">Time</th>
              <th scope="col" class="num">In calls</th>
              <th scope="col" class="split"><span class="sr">Share of the slowest</span></th>
              <th scope="col" class="when">Ended</th>
            </tr>
          </thead>
          <tbody>
            ${this.#cases.map((slow) => slowRow(slow, longest))}
          </tbody>
        </table>
      </div>`;
  }

  #keepSlowest(): void {
    this.#cases = this.#cases.sort((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST);
    if (this.#cases.length === SLOWEST) this.#floor = this.#cases.at(-1)?.durationMs ?? 0;
  }
}

/** How many cases needed how many attempts, and what became of them. */
export class RetryCounts {
  readonly #enriched = new Float64Array(MOST_ATTEMPTS + 1);
  readonly #failed = new Float64Array(MOST_ATTEMPTS + 1);

  add(result: AnyResult): void {
    if (result.attempts === 0) return;
    const counts = result.status === 'enriched' ? this.#enriched : this.#failed;
    const at = Math.min(result.attempts, MOST_ATTEMPTS);
    counts[at] = (counts[at] ?? 0) + 1;
  }

  section(summary: Summary): Markup {
    const rows = Array.from({ length: MOST_ATTEMPTS }, (_, index) => this.#row(index + 1)).filter(({ all }) => all > 0);
    const most = Math.max(1, ...rows.map(({ all }) => all));
    const again = rows.filter(({ attempts }) => attempts > 1);
    const total = again.reduce((sum, { all }) => sum + all, 0);
    const saved = again.reduce((sum, { enriched }) => sum + enriched, 0);
    if (rows.length === 0) return html`<p class="empty">No case was called.</p>`;
    return html`<p class="lead">
        ${total === 0 ? 'No case needed a second attempt.' : `${formatCounted(total, 'case')} needed more than one attempt; ${formatCount(saved)} of them (${formatPercent(saved, total)}) were enriched in the end.`}${
          summary.retriesDenied > 0 && ` The retry budget refused ${formatCount(summary.retriesDenied)}.`
        }
      </p>
      <div class="scroll">
        <table class="plain retries">
          <thead>
            <tr>
              <th scope="col">Attempts</th>
              <th scope="col" class="num">Enriched</th>
              <th scope="col" class="num">Not enriched</th>
              <th scope="col" class="split"><span class="sr">Share</span></th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(({ attempts, enriched, failed }) => retryRow(attempts, enriched, failed, most))}
          </tbody>
        </table>
      </div>`;
  }

  #row(attempts: number): { attempts: number; enriched: number; failed: number; all: number } {
    const enriched = this.#enriched[attempts] ?? 0;
    const failed = this.#failed[attempts] ?? 0;
    return { attempts, enriched, failed, all: enriched + failed };
  }
}

/** Effective values and where each came from. */
export function settingsTable(settings: readonly Setting[]): Markup {
  const rows = settings.slice(0, 200).map(
    ({ name, value, from }) =>
      html`<tr>
        <th scope="row"><code>${clip(name, 100)}</code></th>
        <td><code>${clip(value, 500)}</code></td>
        <td>${clip(from, 200)}</td>
      </tr>`,
  );
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="Settings">
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function slowCase(result: AnyResult): SlowCase {
  const { status, error, attempts, durationMs } = result;
  const outcome = status === 'failed' && error !== null ? failureLabel(error) : status;
  const at = clip(result.at, 40);
  return {
    name: nameOf(result),
    outcome,
    ok: status === 'enriched',
    attempts,
    durationMs,
    callingMs: callingMs(result),
    at,
  };
}

function slowRow(slow: SlowCase, longest: number): Markup {
  const calling = Math.min(slow.callingMs, slow.durationMs);
  return html`<tr>
    <th scope="row"><code>${slow.name}</code></th>
    <td>${slow.ok ? '✓' : '✗'} ${slow.outcome}</td>
    <td class="num">${slow.attempts}</td>
    <td class="num">${formatDuration(slow.durationMs)}</td>
    <td class="num">${formatDuration(calling)}</td>
    <td class="split">${split('flight-bar', calling, 'waiting', slow.durationMs - calling, longest)}</td>
    <td class="when">${formatInstant(slow.at).slice(11, 19)}</td>
  </tr> `;
}

function retryRow(attempts: number, enriched: number, failed: number, most: number): Markup {
  const label = attempts === MOST_ATTEMPTS ? `${MOST_ATTEMPTS} or more` : attempts;
  return html`<tr>
    <th scope="row">${label}</th>
    <td class="num">${formatCount(enriched)}</td>
    <td class="num">${formatCount(failed)}</td>
    <td class="split">${split('ok', enriched, 'failed', failed, most)}</td>
  </tr>`;
}

function split(firstClass: string, first: number, secondClass: string, second: number, whole: number): Markup {
  const width = (value: number): string => formatDecimal((value / whole) * 100, 2);
  return html`<span class="bar"
    ><i class="${firstClass}" style="width:${width(first)}%"></i
    ><i class="${secondClass}" style="width:${width(second)}%"></i
  ></span>`;
}
