/** Opens the queue of a command, and says what its user should know about it. */

import { resolve } from 'node:path';
import type { QueueAddress } from '../../core/queue-address.js';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { openQueue, type RedisQueue } from '../../io/queue/redis-queue.js';
import { readNamedFile, readProblem } from '../../named-file.js';
import { formatDuration } from '../../text/format.js';
import { isLoopbackName } from '../../text/loopback.js';
import { printable } from '../../text/printable.js';

export interface QueueValues {
  readonly queue: QueueAddress;
  readonly queueTimeoutMs: number;
  readonly ca?: string | undefined;
  readonly quiet: boolean;
}

/** An open queue; disposing closes the connection. */
export interface OpenQueue extends Disposable {
  readonly queue: RedisQueue;
  /** What there is to say about it at the start. */
  readonly notices: readonly string[];
}

/** Connects. @param create make the queue where there is none. */
export async function openQueueOf(values: QueueValues, host: Host, create: boolean): Promise<OpenQueue> {
  const { queue: address, queueTimeoutMs, ca } = values;
  const { clock, random } = host;
  const trusted = ca === undefined ? undefined : authorities(ca, host.cwd);
  const queue = await openQueue({ address, clock, random, timeoutMs: queueTimeoutMs, ca: trusted, create });
  const notices = [...passwordNotice(address), ...queue.notices];
  return { queue, notices, [Symbol.dispose]: () => queue.close() };
}

/** Says that Redis is away, and that it is back, by `say`. */
export function tellAbsences(queue: RedisQueue, say: (text: string) => void, meanwhile: string): void {
  queue.link.watch({
    away: (why) => say(`Redis is away (${why}): ${meanwhile}`),
    back: (ms) => say(`Redis is back after ${formatDuration(ms)}`),
  });
}

/** Writes notices on stderr, unless `--quiet`. */
export function noticeWriter({ quiet }: { readonly quiet: boolean }, host: Host): (text: string) => void {
  return (text) => {
    if (!quiet) void host.stderr.write(`! ${printable(text)}\n`);
  };
}

function passwordNotice(address: QueueAddress): string[] {
  if (address.tls || address.password === undefined || isLoopbackName(address.host)) return [];
  return [`the password of the queue goes over the network in the clear: rediss:// encrypts it`];
}

function authorities(file: string, cwd: string): string {
  try {
    return readNamedFile(resolve(cwd, file)).toString('utf8');
  } catch (error) {
    throw new UsageError(`--ca: cannot read ${file}: ${readProblem(error)}`, { cause: error });
  }
}
