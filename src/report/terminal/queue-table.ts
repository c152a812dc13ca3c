/** How a queue stands, as text for people. */

import type { QueueStats, WorkerStats } from '../../core/queue-stats.js';
import { formatCount, formatCounted, formatDuration } from '../../text/format.js';
import { displayWidth, pad, printable } from '../../text/printable.js';

/** Lines that end with a line break. `where` is the queue as it is shown. */
export function queueTable(where: string, stats: QueueStats): string {
  const lines = [printable(where), '', ...rows(totalRows(stats)), ...workerLines(stats.workers)];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

type Row = readonly [label: string, count: string, more: string];

function totalRows({ waiting, inWork, givenBack, results, pauseMs, totals, workers }: QueueStats): Row[] {
  const alive = workers.filter(({ isAlive }) => isAlive).length;
  const dropped = [
    ...(totals.late > 0 ? [`${formatCount(totals.late)} late`] : []),
    ...(totals.superseded > 0 ? [`${formatCount(totals.superseded)} replaced by a newer text`] : []),
    ...(totals.skipped > 0 ? [`${formatCount(totals.skipped)} added again for nothing`] : []),
  ];
  return [
    ['Waiting', formatCount(waiting), givenBack > 0 ? `${formatCount(givenBack)} of them given back` : ''],
    ['In work', formatCount(inWork), `${formatCounted(alive, 'worker')}`],
    ['Enriched', formatCount(totals.enriched), ''],
    ['Failed', formatCount(totals.failed), ''],
    ['Invalid', formatCount(totals.invalid), ''],
    ['Results', formatCount(results), results > 0 ? 'not collected yet' : ''],
    ...(dropped.length > 0 ? [['Dropped', '', dropped.join(', ')] as const] : []),
    ...(pauseMs > 0 ? [['Pause', formatDuration(pauseMs), 'left: the endpoint asked for it'] as const] : []),
  ];
}

function rows(all: readonly Row[]): string[] {
  const width = Math.max(...all.map(([, count]) => displayWidth(count)));
  return all.map(
    ([label, count, more]) => `  ${pad(label, 9)} ${' '.repeat(width - displayWidth(count))}${count}   ${more}`,
  );
}

function workerLines(workers: readonly WorkerStats[]): string[] {
  if (workers.length === 0) return [];
  const cells = workers
    .toSorted((a, b) => b.ageMs - a.ageMs)
    .map((worker) => [
      printable(worker.label),
      formatCount(worker.inWork),
      formatCount(worker.limit),
      formatDuration(worker.ageMs),
      worker.isAlive
        ? `${formatDuration(worker.silentMs)} ago`
        : `${formatDuration(worker.silentMs)} ago: its lease has ended`,
    ]);
  const table = [['Worker', 'In work', 'Limit', 'Since', 'Heard of'], ...cells];
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...table.map((row) => displayWidth(row[at] ?? ''))));
  return ['', ...table.map((row) => `  ${row.map((cell, at) => pad(cell, widths[at] ?? 0)).join('  ')}`)];
}
