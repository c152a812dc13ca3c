/** Markdown for a CI step summary: verdict, what failed and what to do about it, totals, the failed cases. */

import { clip } from '../text/clip.js';
import { type FailureGroup, FailureGroups } from '../core/results/failure-groups.js';
import { failureLabel } from '../core/results/failure-label.js';
import type { AnyResult } from '../core/results/run-info.js';
import type { Collector } from '../core/ports.js';
import { type InvalidRecord, nameOf, sourceOf } from './invalid-records.js';
import { escapeMarkdown, markdownCode } from '../text/escape.js';
import { printable } from '../text/printable.js';
import { amplification, endOf, type ReportView, verdictOf, unmetExpectations } from './view.js';
import { formatCount, formatDecimal, formatDuration, formatInstant } from '../text/format.js';

const MAX_GROUPS = 20;
// GitHub refuses a step summary over 1 MiB. One character becomes at most ten (`&#92;u202e`), which bounds the rest.
const FAILED = { rows: 1000, bytes: 400_000 };
const INVALID = { rows: 100, bytes: 100_000 };
const OPEN_ROWS = 20;

/** At most 900 KiB, whatever the results are. */
export class MarkdownReport implements Collector<ReportView> {
  readonly #groups = new FailureGroups();
  readonly #failed = new BoundedRows(FAILED);
  readonly #invalid = new BoundedRows(INVALID);

  add(result: AnyResult): void {
    if (result.status === 'failed') {
      this.#groups.add(result);
      this.#failed.add(() => failureRow(result));
    } else if (result.status === 'invalid') this.#invalid.add(() => invalidRow(result));
  }

  render(view: ReportView): string {
    const parts = [
      headline(view),
      groupTable(view, this.#groups.groups()),
      totals(view),
      failureTable(this.#failed),
      invalidTable(this.#invalid),
      nextSteps(view),
    ];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
  }
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

  add(makeRow: () => string): void {
    if (this.left > 0 || this.rows.length >= this.#max.rows) return void this.left++;
    const row = makeRow();
    this.#bytes += new TextEncoder().encode(row).length;
    if (this.#bytes > this.#max.bytes) this.left++;
    else this.rows.push(row);
  }
}

function headline(view: ReportView): string {
  const { run } = view;
  const verdict = verdictOf(view);
  const facts = [
    `exit ${view.exitCode}`,
    endOf(view),
    `${escapeMarkdown(formatInstant(run.startedAt)).replace(/&#58;/g, ':')}, ${formatDuration(run.durationMs)}`,
    markdownCode(clip(`${run.method} ${run.endpoint}`, 500)),
    ...(run.shard === null ? [] : [`shard ${escapeMarkdown(`${run.shard.index}/${run.shard.count}`)}`]),
  ];
  const missing = view.missingShards?.length
    ? `\n\nWithout results: ${view.missingShards.slice(0, 20).map(cutCode).join(', ')}`
    : '';
  const unmet = unmetExpectations(view).map(({ measured }) => `- ✗ ${escapeMarkdown(clip(measured, 500))}`);
  const found = unmet.length === 0 ? '' : `\n\n${unmet.join('\n')}`;
  return `## ${verdict.mark} ${verdict.text}\n\n${facts.join(' · ')}${missing}${found}`;
}

function groupTable(view: ReportView, groups: readonly FailureGroup[]): string {
  if (groups.length === 0) return '';
  const rows = groups.slice(0, MAX_GROUPS).map((group) => groupRow(group, view.hint?.(group)));
  const rest = groups.slice(MAX_GROUPS).reduce((sum, group) => sum + group.count, 0);
  if (rest > 0) rows.push(tableRow([formatCount(rest), 'others', '', '']));
  return `### Failures\n\n${table(['Cases', 'Cause', 'What happened', 'For example'], rows, [0])}`;
}

function groupRow(group: FailureGroup, hint: string | undefined): string {
  const words = group.words === undefined ? '' : `<br>${markdownCode(group.words)}`;
  const advice = hint === undefined ? '' : `<br>→ ${escapeMarkdown(clip(hint, 500))}`;
  const ids = group.examples.map((id) => markdownCode(clip(id, 100))).join(', ');
  const more = group.count > group.examples.length ? ' …' : '';
  return tableRow([
    formatCount(group.count),
    markdownCode(failureLabel(group)),
    cutCode(group.message) + words + advice,
    ids + more,
  ]);
}

function totals({ summary }: ReportView): string {
  const latency = summary.latencyMs;
  const calls = amplification(summary);
  const cells: readonly (readonly [string, string])[] = [
    ['Enriched', formatCount(summary.enriched) + enrichedHow(summary)],
    ['Failed', formatCount(summary.failed)],
    ['Invalid', formatCount(summary.invalid)],
    ['Cancelled', formatCount(summary.cancelled)],
    ...(summary.pending === undefined ? [] : [['Pending', formatCount(summary.pending)] as const]),
    ['Calls', formatCount(summary.attempts) + (calls === undefined ? '' : ` (${formatDecimal(calls, 2)}×)`)],
    ...outageCells(summary),
    ['Cases/s', formatDecimal(summary.casesPerSecond, 1)],
    ['p50', latency === null ? '–' : formatDuration(latency.p50)],
    ['p90', latency === null ? '–' : formatDuration(latency.p90)],
    ['p99', latency === null ? '–' : formatDuration(latency.p99)],
    ['Max', latency === null ? '–' : formatDuration(latency.max)],
  ];
  const names = cells.map(([name]) => name);
  const values = tableRow(cells.map(([, value]) => value));
  return `### Totals\n\n${table(names, [values], [...names.keys()])}`;
}

/** Only where there was one. */
function outageCells({ outages }: ReportView['summary']): (readonly [string, string])[] {
  if (outages === undefined || outages.count === 0) return [];
  return [['Outages', `${formatCount(outages.count)}, ${formatDuration(outages.ms)}`]];
}

function enrichedHow({ resumed, skipped = 0, stale = 0 }: ReportView['summary']): string {
  const counts = [[resumed, 'resumed'] as const, [skipped, 'skipped'] as const, [stale, 'stale'] as const];
  const parts = counts.filter(([count]) => count > 0).map(([count, name]) => `${formatCount(count)} ${name}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function failureRow(result: AnyResult): string {
  const error = result.error;
  return tableRow([
    markdownCode(nameOf(result)),
    error === null ? '' : markdownCode(failureLabel(error)),
    formatCount(result.attempts),
    formatDuration(result.durationMs),
    error === null ? '' : markdownCode(clip(error.message, 200)),
    result.source === undefined ? '' : markdownCode(sourceOf(result)),
  ]);
}

function failureTable(failed: BoundedRows): string {
  if (failed.rows.length === 0) return '';
  const title = failed.left === 0 ? 'Failed cases' : `Failed cases (the first ${formatCount(failed.rows.length)})`;
  const head = ['Case', 'Cause', 'Attempts', 'Time', 'Message', 'Source'];
  const note =
    failed.left === 0 ? '' : `\n\n… and ${formatCount(failed.left)} more: \`case-tracker report\` shows all of them.`;
  return folded(title, failed.rows.length, table(head, failed.rows, [2, 3]) + note);
}

function invalidRow(result: InvalidRecord): string {
  return tableRow([cutCode(sourceOf(result)), cutCode(nameOf(result)), cutCode(result.error?.message ?? '')]);
}

function invalidTable({ rows, left }: BoundedRows): string {
  if (rows.length === 0) return '';
  const note = left === 0 ? '' : `\n\n… and ${formatCount(left)} more: \`case-tracker validate\` lists all of them.`;
  return folded('Invalid input', rows.length, table(['Place', 'Record', 'Why'], rows, []) + note);
}

function nextSteps(view: ReportView): string {
  const steps = (view.next ?? []).slice(0, 10);
  if (steps.length === 0) return '';
  // An indented block takes any text on one line as it is; a fence could be closed by it.
  const lines = steps.map(
    ({ command, what }) => `    ${printable(clip(command, 1000))}   # ${printable(clip(what, 200))}`,
  );
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
  return markdownCode(clip(text, 200));
}
