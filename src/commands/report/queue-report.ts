/** `case-tracker report --queue`: collects the results of a queue in a journal, or shows those that are in Redis. */

import { UsageError, InputError, EXIT, type ExitCode, isStdoutClosed } from '../../errors.js';
import type { Resolved } from '../../config/resolved.js';
import type { QueueAddress } from '../../core/queue-address.js';
import type { Host } from '../../host.js';
import type { TextOutput } from '../../io/files/atomic-file.js';
import { realFileOps } from '../../io/files/file-ops.js';
import { openQueueJournal, type QueueJournal } from '../../io/queue/queue-journal.js';
import type { RedisQueue } from '../../io/queue/redis-queue.js';
import { spoolResults } from '../../io/queue/spool.js';
import { assertSame, resultsAfter, trimResults } from '../../io/queue/stored-results.js';
import { openSavedFiles, type SavedResults } from '../../io/saved/saved-results.js';
import { openTextOutput } from '../../io/sinks/open.js';
import { formatCounted } from '../../text/format.js';
import { isJournalName } from '../../text/file-endings.js';
import { printable } from '../../text/printable.js';
import { signalExitCode } from '../../verdict.js';
import { noticeWriter, openQueueOf, tellAbsences } from '../shared/queue.js';
import { SignalAbort } from '../shared/signal-abort.js';
import { resolve } from 'node:path';
import { DIALECTS, isSheetForm } from '../../text/csv.js';
import { chooseFormat, openFormat, seenBy } from './chosen-format.js';
import { expectCases } from './expected.js';
import { formatOf } from './formats.js';
import type { SavedFormat } from './saved-format.js';
import { Merging, type MergedReport } from './merging.js';
import { printNotes } from './notes.js';
import { QueueCompleteness } from './queue-completeness.js';
import { render } from './render.js';
import { refuseOtherForm } from '../shared/other-form.js';

type Settings = Resolved<'report'> & { readonly values: { readonly queue: QueueAddress } };

/** Resolves with the exit code. What was collected is removed from Redis once it is on the disk. */
export async function run(settings: Settings, host: Host): Promise<number> {
  const { values } = settings;
  const collects = isJournalName(values.output);
  refuseForms(values, collects);
  using abort = new SignalAbort(host);
  using opened = await openQueueOf(values, host, false);
  const { queue } = opened;
  const say = noticeWriter(values, host);
  for (const text of opened.notices) if (!text.startsWith('Redis has no')) say(text);
  tellAbsences(queue, say, 'waiting for it');
  abort.signal.addEventListener('abort', () => queue.link.hurry(0));
  if (queue.id === '') throw noQueue(queue);
  try {
    const report = collects ? collect : show;
    return await report(settings, queue, abort, host);
  } catch (error) {
    if (abort.received !== undefined) return signalExitCode(abort.received);
    if (isStdoutClosed(error)) return EXIT.ok;
    throw error;
  }
}

function refuseForms({ format, follow, output }: Settings['values'], collects: boolean): void {
  if (collects && format !== 'auto' && format !== 'ndjson') {
    throw new UsageError(`${output ?? ''} is a journal, which is always NDJSON, not ${format}`, {
      hint: 'collect first, then case-tracker report FILE --format …',
    });
  }
  if (follow && !collects) throw new UsageError('--follow needs a journal', { hint: '-o run.ndjson' });
}

function noQueue({ where }: RedisQueue): InputError {
  return new InputError(`${where}: there is no such queue: it was never filled, or Redis has lost its data`, {
    hint: 'case-tracker enqueue FILE --queue … makes it; is the name after the # right?',
  });
}

async function collect(settings: Settings, queue: RedisQueue, abort: SignalAbort, host: Host): Promise<number> {
  const { values } = settings;
  const { output = '', quiet, follow } = values;
  using journal = await openQueueJournal(output, queue.id, { host, ops: realFileOps, signal: abort.signal });
  const say = noticeWriter(values, host);
  journal.notices.forEach(say);
  const collector = new Collector(queue, journal, abort.signal);
  await collector.run();
  while (follow && !abort.signal.aborted) {
    await pause(FOLLOW_EVERY_MS, abort.signal, host);
    await collector.run();
  }
  journal[Symbol.dispose]();
  if (!quiet) await host.stderr.write(`${formatCounted(collector.count, 'line')} collected in ${printable(output)}\n`);
  if (abort.received !== undefined) return signalExitCode(abort.received);
  if (values.expect.length === 0 && !values.exitCode) return EXIT.ok;
  const saved = await openSavedFiles([{ name: output, path: resolve(host.cwd, output) }], {
    ...host,
    signal: abort.signal,
  });
  return judge(settings, queue, saved, undefined, abort.signal, host);
}

async function show(settings: Settings, queue: RedisQueue, abort: SignalAbort, host: Host): Promise<number> {
  const { expect, output: path, format } = settings.values;
  refuseOtherForm({ output: path, format, noun: 'report' }, host);
  const form = formatOf(settings.values, host);
  const isJson = form === 'json' || form === 'ndjson';
  const encoding = isSheetForm(form) ? DIALECTS[form].encoding : 'utf8';
  const output = await openTextOutput({ path, inputs: expect, isJson, encoding }, { host });
  try {
    using spool = await spoolResults(queue, abort.signal);
    await assertSame(queue);
    const chosen = chooseFormat(settings.values, host);
    const reading = { ...host, signal: abort.signal, onResult: seenBy(chosen) };
    const saved = await openSavedFiles([{ name: queue.where, path: spool.path }], reading);
    const format = openFormat(chosen, saved, output, settings, host);
    try {
      return await judge(settings, queue, saved, { format, output }, abort.signal, host);
    } finally {
      format.close?.();
    }
  } catch (error) {
    await output.close();
    throw error;
  }
}

/** Renders to the output, where there is one, and says what `--expect` has found. */
async function judge(
  settings: Settings,
  queue: RedisQueue,
  saved: SavedResults,
  shown: { readonly format: SavedFormat; readonly output: TextOutput } | undefined,
  signal: AbortSignal,
  host: Host,
): Promise<ExitCode> {
  const { values } = settings;
  const known = new QueueCompleteness(queue);
  const look = (entries: Parameters<QueueCompleteness['look']>[0]): Promise<void> => known.look(entries);
  const expected = values.expect.length === 0 ? undefined : await expectCases(saved.index, values, signal, host, look);
  const { merged, notices } =
    shown === undefined
      ? { merged: await counted(saved, expected?.check, values), notices: [] }
      : await render(saved, shown.format, expected?.check, shown.output, values);
  await shown?.output.finish();
  const findings = expected === undefined ? [] : await known.findings();
  await printNotes({ saved, merged, notices: [...(expected?.notices ?? []), ...notices], findings }, values, host);
  const isComplete = findings.length === 0 && merged.completeness?.isComplete !== false;
  return values.exitCode && merged.exitCode !== EXIT.ok ? merged.exitCode : isComplete ? EXIT.ok : EXIT.failures;
}

async function counted(
  saved: SavedResults,
  check: NonNullable<Awaited<ReturnType<typeof expectCases>>>['check'] | undefined,
  { allowFailures }: Settings['values'],
): Promise<MergedReport> {
  const merging = new Merging(saved, allowFailures);
  for await (const records of saved.results()) {
    for (const { result } of records) {
      merging.add(result);
      check?.check(result);
    }
  }
  return merging.end(check?.end(saved.runs));
}

const FOLLOW_EVERY_MS = 1_000;
const AT_ONCE = 1_000;
/** Results that may be in the journal and not on the disk; what is on the disk leaves Redis. */
const MOST_UNSYNCED = 10_000;

/** Moves results from the queue to the journal. */
class Collector {
  count = 0;
  readonly #queue: RedisQueue;
  readonly #journal: QueueJournal;
  readonly #signal: AbortSignal;
  #unsynced = 0;

  constructor(queue: RedisQueue, journal: QueueJournal, signal: AbortSignal) {
    this.#queue = queue;
    this.#journal = journal;
    this.#signal = signal;
  }

  /** Until there are no more, or the signal. */
  async run(): Promise<void> {
    // Results that an earlier collector had on the disk, and was killed before it could remove them.
    if (this.#journal.last !== '') await trimResults(this.#queue, this.#journal.last);
    let next = resultsAfter(this.#queue, this.#journal.last, AT_ONCE);
    for (let results = await next; results.length > 0 && !this.#signal.aborted; results = await next) {
      next = resultsAfter(this.#queue, results.at(-1)?.id ?? '', AT_ONCE);
      // Awaited in the next round; until then its failure is nobody's.
      next.catch(() => {});
      this.#journal.append(results);
      this.count += results.length;
      this.#unsynced += results.length;
      if (this.#unsynced >= MOST_UNSYNCED) await this.#settle();
    }
    if (this.#unsynced > 0) await this.#settle();
    if (!this.#signal.aborted) await assertSame(this.#queue);
  }

  async #settle(): Promise<void> {
    await this.#journal.sync();
    this.#unsynced = 0;
    await trimResults(this.#queue, this.#journal.last);
  }
}

function pause(ms: number, signal: AbortSignal, { clock }: Host): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const timer = clock.setTimer(ms, done);
    signal.addEventListener('abort', () => (timer.cancel(), done()), { once: true });
  });
}
