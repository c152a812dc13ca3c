import type { AnyResult, Summary } from '../../core/results/run-info.js';
import { formatCount, formatCounted, formatPercent } from '../../text/format.js';
import { html, type Markup } from './markup.js';
import { type Column, plainTable, splitBar } from './plain-table.js';

/** Cases with this many attempts or more share a row. */
const MOST_ATTEMPTS = 10;

const COLUMNS: readonly Column[] = [
  { name: 'Attempts' },
  { name: 'Enriched', className: 'num' },
  { name: 'Not enriched', className: 'num' },
  { name: 'Share', className: 'split', isNameHidden: true },
];

/** Cases that needed the same number of attempts. */
interface AttemptCount {
  readonly attempts: number;
  readonly enriched: number;
  readonly failed: number;
  readonly all: number;
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
    const counts = Array.from({ length: MOST_ATTEMPTS }, (_, index) => this.#count(index + 1));
    const known = counts.filter(({ all }) => all > 0);
    if (known.length === 0) return html`<p class="empty">No case was called.</p>`;
    const most = Math.max(...known.map(({ all }) => all));
    const rows = known.map((count) => retryRow(count, most));
    return html`<p class="lead">${lead(known)}${refusals(summary)}</p>
      ${plainTable(COLUMNS, rows, 'retries')}`;
  }

  #count(attempts: number): AttemptCount {
    const enriched = this.#enriched[attempts] ?? 0;
    const failed = this.#failed[attempts] ?? 0;
    return { attempts, enriched, failed, all: enriched + failed };
  }
}

function lead(counts: readonly AttemptCount[]): string {
  const again = counts.filter(({ attempts }) => attempts > 1);
  const total = again.reduce((sum, { all }) => sum + all, 0);
  const saved = again.reduce((sum, { enriched }) => sum + enriched, 0);
  if (total === 0) return 'No case needed a second attempt.';
  return `${formatCounted(total, 'case')} needed more than one attempt; ${formatCount(saved)} of them (${formatPercent(saved, total)}) were enriched in the end.`;
}

function refusals({ retriesDenied }: Summary): string {
  return retriesDenied > 0 ? ` The retry budget refused ${formatCount(retriesDenied)}.` : '';
}

function retryRow({ attempts, enriched, failed }: AttemptCount, most: number): Markup {
  const bar = splitBar(
    [
      ['ok', enriched],
      ['failed', failed],
    ],
    most,
  );
  return html`<tr>
    <th scope="row">${attempts === MOST_ATTEMPTS ? `${MOST_ATTEMPTS} or more` : attempts}</th>
    <td class="num">${formatCount(enriched)}</td>
    <td class="num">${formatCount(failed)}</td>
    <td class="split">${bar}</td>
  </tr>`;
}
