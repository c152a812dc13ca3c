/** Markdown for a CI step summary: verdict, what failed and what to do about it, totals, the failed cases. */

import type { Renderer, SavedResult } from '../core/report.js';
import { type FailureGroup, FailureGroups, labelOf, nameOf, placeText } from './aggregate.js';
import { escapeMarkdown, markdownCode } from './escape.js';
import { printable } from './text.js';
import { amplification, endOf, type ReportView, verdictOf } from './view.js';
import { count, cut, duration, instant, trimmed } from './words.js';

const MAX_GROUPS = 20;
// GitHub refuses a step summary over 1 MiB. One character becomes at most ten (`&#92;u202e`), which bounds the rest.
const FAILED = { rows: 1000, bytes: 400_000 };
const INVALID = { rows: 100, bytes: 100_000 };
const OPEN_ROWS = 20;

/** At most 900 KiB, whatever the results are. */
export function markdownReport(view: ReportView): Renderer {
  const groups = new FailureGroups();
  const failed = new BoundedRows(FAILED);
  const invalid = new BoundedRows(INVALID);
  return {
    begin: () => '',
    result(result) {
      if (result.status === 'failed') {
        groups.add(result);
        failed.add(failureRow(result));
      } else if (result.status === 'invalid') invalid.add(invalidRow(result));
      return '';
    },
    end: () => wholeText(view, groups.sorted(), failed, invalid),
  };
}

/** Table rows up to a number and a length in bytes. */
class BoundedRows {
  readonly rows: string[] = [];
  left = 0;
  #bytes = 0;
  readonly #max: { readonly rows: number; readonly bytes: number };

  constructor(max: { readonly rows: number; readonly bytes: number }) {
    this.#max = max;
  }

  add(row: string): void {
    const bytes = new TextEncoder().encode(row).length;
    if (this.left > 0 || this.rows.length >= this.#max.rows || this.#bytes + bytes > this.#max.bytes) this.left++;
    else {
      this.#bytes += bytes;
      this.rows.push(row);
    }
  }
}

function wholeText(
  view: ReportView,
  groups: readonly FailureGroup[],
  failed: BoundedRows,
  invalid: BoundedRows,
): string {
  const parts = [
    headline(view),
    groupTable(view, groups),
    totals(view),
    failureTable(failed),
    invalidTable(invalid),
    nextSteps(view),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headline(view: ReportView): string {
  const { run } = view;
  const verdict = verdictOf(view);
  const facts = [
    `exit ${view.exitCode}`,
    endOf(run),
    `${instant(run.startedAt)}, ${duration(run.durationMs)}`,
    markdownCode(cut(`${run.method} ${run.endpoint}`, 500)),
    ...(run.shard === null ? [] : [`shard ${run.shard.index}/${run.shard.count}`]),
  ];
  const missing = view.missingShards?.length
    ? `\n\nWithout results: ${view.missingShards.slice(0, 20).map(cutCode).join(', ')}`
    : '';
  return `## ${verdict.mark} ${verdict.text}\n\n${facts.join(' · ')}${missing}`;
}

function groupTable(view: ReportView, groups: readonly FailureGroup[]): string {
  if (groups.length === 0) return '';
  const rows = groups.slice(0, MAX_GROUPS).map((group) => groupRow(group, view.hint?.(group)));
  const rest = groups.slice(MAX_GROUPS).reduce((sum, group) => sum + group.count, 0);
  if (rest > 0) rows.push(tableRow([count(rest), 'others', '', '']));
  return `### Failures\n\n${table(['Cases', 'Cause', 'What happened', 'For example'], rows, [0])}`;
}

function groupRow(group: FailureGroup, hint: string | undefined): string {
  const words = group.body === undefined ? '' : `<br>${markdownCode(group.body)}`;
  const advice = hint === undefined ? '' : `<br>→ ${escapeMarkdown(cut(hint, 500))}`;
  const ids = group.examples.map(({ id }) => markdownCode(id)).join(', ');
  const more = group.count > group.examples.length ? ' …' : '';
  return tableRow([
    count(group.count),
    markdownCode(group.label),
    markdownCode(group.message) + words + advice,
    ids + more,
  ]);
}

function totals({ summary }: ReportView): string {
  const latency = summary.latencyMs;
  const calls = amplification(summary);
  const cells: readonly (readonly [string, string])[] = [
    ['Enriched', count(summary.enriched) + (summary.resumed > 0 ? ` (${count(summary.resumed)} resumed)` : '')],
    ['Failed', count(summary.failed)],
    ['Invalid', count(summary.invalid)],
    ['Cancelled', count(summary.cancelled)],
    ['Calls', count(summary.attempts) + (calls === undefined ? '' : ` (${trimmed(calls, 2)}×)`)],
    ['Cases/s', trimmed(summary.casesPerSecond, 1)],
    ['p50', latency === null ? '–' : duration(latency.p50)],
    ['p90', latency === null ? '–' : duration(latency.p90)],
    ['p99', latency === null ? '–' : duration(latency.p99)],
    ['Max', latency === null ? '–' : duration(latency.max)],
  ];
  const names = cells.map(([name]) => name);
  const values = tableRow(cells.map(([, value]) => value));
  return `### Totals\n\n${table(names, [values], [...names.keys()])}`;
}

function failureRow(result: SavedResult): string {
  const error = result.error;
  return tableRow([
    markdownCode(nameOf(result)),
    error === null ? '' : markdownCode(labelOf(error)),
    count(result.attempts),
    duration(result.durationMs),
    error === null ? '' : markdownCode(cut(error.message, 200)),
    result.source === undefined ? '' : markdownCode(placeText(result.source)),
  ]);
}

function failureTable(failed: BoundedRows): string {
  if (failed.rows.length === 0) return '';
  const title = failed.left === 0 ? 'Failed cases' : `Failed cases (the first ${count(failed.rows.length)})`;
  const head = ['Case', 'Cause', 'Attempts', 'Time', 'Message', 'Source'];
  const note =
    failed.left === 0 ? '' : `\n\n… and ${count(failed.left)} more: \`case-tracker report\` shows all of them.`;
  return folded(title, failed.rows.length, table(head, failed.rows, [2, 3]) + note);
}

function invalidRow(result: SavedResult): string {
  return tableRow([cutCode(placeText(result.source)), cutCode(nameOf(result)), cutCode(result.error?.message ?? '')]);
}

function invalidTable({ rows, left }: BoundedRows): string {
  if (rows.length === 0) return '';
  const note = left === 0 ? '' : `\n\n… and ${count(left)} more: \`case-tracker validate\` lists all of them.`;
  return folded('Invalid input', rows.length, table(['Place', 'Record', 'Why'], rows, []) + note);
}

function nextSteps(view: ReportView): string {
  const steps = (view.next ?? []).slice(0, 10);
  if (steps.length === 0) return '';
  // An indented block takes any text on one line as it is; a fence could be closed by it.
  const lines = steps.map(({ command, why }) => `    ${printable(cut(command, 1000))}   # ${printable(cut(why, 200))}`);
  return `### How to go on\n\n${lines.join('\n')}`;
}

function folded(title: string, rows: number, content: string): string {
  if (rows <= OPEN_ROWS) return `### ${title}\n\n${content}`;
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

function table(head: readonly string[], rows: readonly string[], right: readonly number[]): string {
  const rule = head.map((_, column) => (right.includes(column) ? '--:' : '---'));
  return [tableRow(head), tableRow(rule), ...rows].join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cutCode(text: string): string {
  return markdownCode(cut(text, 200));
}
