/** `case-tracker enqueue`: puts the selected cases into a queue. */

import type { Resolved } from '../../config/resolved.js';
import { type Entry, placeText } from '../../core/case.js';
import { CaseTrackerError, EXIT } from '../../errors.js';
import type { Host } from '../../host.js';
import { assertReadable } from '../../io/files/file-problem.js';
import { Enqueuer } from '../../io/queue/enqueuer.js';
import { openSource } from '../../io/sources/file/file-source.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { printable, printableJsonLines } from '../../text/printable.js';
import { signalExitCode } from '../../verdict.js';
import { noticeWriter, openQueueOf, tellAbsences } from '../shared/queue.js';
import { readOptions, selectionOf } from '../shared/reading.js';
import { SignalAbort } from '../shared/signal-abort.js';

type Values = Resolved<'enqueue'>['values'];

const MOST_NAMED = 5;

/** Exit code 0, or 1 when a record is no valid case. Whatever ends it, what was put in is in the queue. */
export async function run({ values }: Resolved<'enqueue'>, host: Host): Promise<number> {
  assertReadable(values.files, host.cwd);
  using abort = new SignalAbort(host);
  using opened = await openQueueOf(values, host, true);
  const { queue } = opened;
  const say = noticeWriter(values, host);
  opened.notices.forEach(say);
  tellAbsences(queue, say, 'waiting for it');
  abort.signal.addEventListener('abort', () => queue.link.hurry(0));
  const { again, maxQueue: most = 0 } = values;
  const enqueuer = new Enqueuer(queue, { again, most, clock: host.clock, signal: abort.signal });
  const invalid: string[] = [];
  let error: unknown;
  try {
    await using source = openSource({ ...readOptions(values, selectionOf(values), host), signal: abort.signal });
    for await (const entries of source) {
      await enqueuer.add(entries);
      invalid.push(...problemsOf(entries).slice(0, MOST_NAMED - invalid.length));
    }
  } catch (caught) {
    error = caught;
  }
  await printCounts(enqueuer.counts, invalid, values, host);
  if (abort.received !== undefined) return signalExitCode(abort.received);
  if (error !== undefined) throw kept(error, enqueuer.counts);
  return enqueuer.counts.invalid > 0 ? EXIT.failures : EXIT.ok;
}

function problemsOf(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'invalid' ? [`${placeText(entry.source)}: ${entry.message}`] : []));
}

async function printCounts(
  counts: Enqueuer['counts'],
  invalid: readonly string[],
  { quiet, logFormat }: Values,
  host: Host,
): Promise<void> {
  if (logFormat === 'json') {
    const time = new Date(host.clock.wallNow()).toISOString();
    const line = JSON.stringify({ level: counts.invalid > 0 ? 'warn' : 'info', time, msg: 'enqueued', ...counts });
    if (!quiet || counts.invalid > 0) await host.stderr.write(printableJsonLines(`${line}\n`));
    return;
  }
  const more = counts.invalid - invalid.length;
  const lines = [
    ...invalid.map((problem) => `✗ ${printable(problem)}`),
    ...(more > 0 ? [`✗ and ${formatCount(more)} more (case-tracker validate lists them)`] : []),
    ...(quiet ? [] : [countsLine(counts)]),
  ];
  if (lines.length > 0) await host.stderr.write(`${lines.join('\n')}\n`);
}

/** `1,200 cases queued: 1,000 new, 150 changed, 50 failed before; 300 skipped (they wait or are enriched)`. */
function countsLine({ added, again, changed, skipped, invalid }: Enqueuer['counts']): string {
  const kinds = [
    [added, 'new'],
    [changed, 'changed'],
    [again, 'again'],
  ] as const;
  const shown = kinds.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  const queued = `${formatCounted(added + again + changed, 'case')} queued${shown.length > 0 ? `: ${shown.join(', ')}` : ''}`;
  return [
    queued,
    ...(skipped > 0 ? [`${formatCount(skipped)} skipped (waiting or enriched already)`] : []),
    ...(invalid > 0 ? [`${formatCounted(invalid, 'record')} invalid (each has its result)`] : []),
  ].join('; ');
}

/** The error, with what is in the queue all the same. */
function kept(error: unknown, { added, again, changed }: Enqueuer['counts']): unknown {
  if (!(error instanceof CaseTrackerError)) return error;
  const queued = added + again + changed;
  const detail = `${formatCounted(queued, 'case')} of this input ${queued === 1 ? 'is' : 'are'} in the queue; run it again for the rest`;
  return new CaseTrackerError(error.exitCode, error.message, {
    details: [...error.details, detail],
    hint: error.hint,
    cause: error,
  });
}
