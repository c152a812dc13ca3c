/** What a worker is given by the queue. */

import type { Reply } from './connection.js';

export interface TakenEntry {
  /** Its id in the stream. */
  readonly entry: string;
  /** How often it was delivered before, to workers that died. */
  readonly deliveries: number;
  readonly version: string;
  /** Empty where another program has added the case. */
  readonly id: string;
  readonly revision: string;
  readonly index: number;
  readonly place: string;
  readonly text: string;
  /** `long`: the text is too large and was left out. `none`: it has no text. */
  readonly lack: 'long' | 'none' | undefined;
}

export interface TakenBatch {
  readonly entries: readonly TakenEntry[];
  /** Cases in the queue: those that wait and those in work. */
  readonly inQueue: number;
  readonly inWork: number;
  /** True when too many results wait to be collected. */
  readonly isFull: boolean;
  readonly pauseMs: number;
}

export function takenBatch(reply: Reply): TakenBatch {
  const [entries, inQueue, inWork, full, pauseMs] = reply as readonly [
    readonly Reply[],
    number,
    number,
    number,
    number,
  ];
  return {
    entries: entries.map((one) => takenEntry(one as readonly (string | number)[])),
    inQueue,
    inWork,
    isFull: full === 1,
    pauseMs,
  };
}

function takenEntry(fields: readonly (string | number)[]): TakenEntry {
  const [entry, deliveries, version, id, revision, index, place, text, lack] = fields;
  return {
    entry: String(entry),
    deliveries: Number(deliveries),
    version: String(version),
    id: String(id),
    revision: String(revision),
    index: Number(index),
    place: String(place),
    text: String(text),
    lack: lack === '1' ? 'long' : lack === 'none' ? 'none' : undefined,
  };
}
