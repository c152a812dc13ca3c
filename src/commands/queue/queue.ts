/** `case-tracker queue`: how a queue stands. It changes nothing there. */

import type { Resolved } from '../../config/resolved.js';
import type { QueueStats } from '../../core/queue-stats.js';
import { EXIT, InputError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { RedisQueue } from '../../io/queue/redis-queue.js';
import { print } from '../../io/sinks/print.js';
import { queueTable } from '../../report/terminal/queue-table.js';
import { signalExitCode } from '../../verdict.js';
import { noticeWriter, openQueueOf, tellAbsences } from '../shared/queue.js';
import { SignalAbort } from '../shared/signal-abort.js';

const WATCH_EVERY_MS = 1_000;
const CLEAR = '\u001b[H\u001b[2J';

/** Exit code 0; 3 where there is no such queue; with `--watch` that of the signal that ended it. */
export async function run({ values }: Resolved<'queue'>, host: Host): Promise<number> {
  using abort = new SignalAbort(host);
  using opened = await openQueueOf(values, host, false);
  const { queue } = opened;
  const say = noticeWriter(values, host);
  opened.notices.forEach(say);
  if (!values.watch) {
    await print(textOf(queue, await standing(queue), values), host);
    return EXIT.ok;
  }
  tellAbsences(queue, say, 'waiting for it');
  abort.signal.addEventListener('abort', () => queue.link.hurry(0));
  while (!abort.signal.aborted) {
    const stats = await standing(queue).catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    });
    if (stats !== undefined) await print(shownAgain(textOf(queue, stats, values), values, host), host);
    await pause(WATCH_EVERY_MS, abort.signal, host);
  }
  return abort.received === undefined ? EXIT.ok : signalExitCode(abort.received);
}

type Values = Resolved<'queue'>['values'];

/** A queue that only other programs have filled so far has no id yet. */
async function standing(queue: RedisQueue): Promise<QueueStats> {
  const stats = await queue.stats();
  if (stats.id !== '' || stats.waiting > 0) return stats;
  throw new InputError(`${queue.where}: there is no such queue`, {
    hint: 'case-tracker enqueue FILE --queue … makes it; is the name after the # right?',
  });
}

function textOf(queue: RedisQueue, stats: QueueStats, { format }: Values): string {
  if (format === 'table') return queueTable(queue.where, stats);
  const { id: _, ...shown } = stats;
  return `${JSON.stringify({ queue: queue.where, ...shown })}\n`;
}

/** On a terminal the table is drawn in its place again; elsewhere tables follow one another, a blank line between them. */
function shownAgain(text: string, { format }: Values, { stdout }: Host): string {
  if (format === 'json') return text;
  return stdout.isTTY ? `${CLEAR}${text}` : `${text}\n`;
}

function pause(ms: number, signal: AbortSignal, { clock }: Host): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = clock.setTimer(ms, resolve);
    signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
  });
}
