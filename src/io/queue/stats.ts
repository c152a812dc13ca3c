/** How a queue stands. */

import type { QueueStats, QueueTotals, WorkerStats } from '../../core/queue-stats.js';
import type { Reply } from './connection.js';

const NOBODY = '-';

export function statsOf(reply: Reply): QueueStats {
  const [now, entries, results, held, counters, records, pauseUntil, id] = reply as readonly [
    string,
    number,
    number,
    readonly string[],
    readonly string[],
    readonly string[],
    string,
    string,
  ];
  const inWorkBy = new Map(pairs(held).map(([name, count]) => [name, Number(count)]));
  const givenBack = inWorkBy.get(NOBODY) ?? 0;
  const inWork = [...inWorkBy].reduce((sum, [name, count]) => sum + (name === NOBODY ? 0 : count), 0);
  return {
    id,
    waiting: Math.max(0, entries - inWork),
    inWork,
    givenBack,
    results,
    pauseMs: Math.max(0, Number(pauseUntil) - Number(now)),
    totals: totalsOf(new Map(pairs(counters))),
    workers: pairs(records).map((record) => workerStats(record, Number(now), inWorkBy)),
  };
}

function totalsOf(counts: ReadonlyMap<string, string>): QueueTotals {
  const of = (name: string): number => Number(counts.get(name) ?? 0);
  return {
    queued: of('ix'),
    enriched: of('e'),
    failed: of('f'),
    invalid: of('i'),
    late: of('late'),
    superseded: of('superseded'),
    skipped: of('skipped'),
  };
}

function workerStats(
  [name, record]: readonly [string, string],
  now: number,
  inWorkBy: ReadonlyMap<string, number>,
): WorkerStats {
  const [lease = '0', beat = '0', since = '0', limit = '0', , ...label] = record.split(' ');
  const silentMs = Math.max(0, now - Number(beat));
  return {
    name,
    label: label.join(' '),
    inWork: inWorkBy.get(name) ?? 0,
    limit: Number(limit),
    leaseMs: Number(lease),
    silentMs,
    ageMs: Math.max(0, now - Number(since)),
    isAlive: silentMs <= Number(lease),
  };
}

function pairs(list: readonly string[]): (readonly [string, string])[] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ''] as const] : []));
}
