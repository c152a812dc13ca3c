/** A source that has to be told, in memory: what was not acknowledged when it is closed is there for the next one. */

import { Case, type DeliveryHandle, type Entry } from '../../src/core/case.js';
import type { CaseSource } from '../../src/core/ports.js';
import { InputError } from '../../src/errors.js';
import { RecordShape } from '../../src/core/cases/record.js';
import { pulled } from '../../src/io/sources/pulled.js';

const SHAPE = new RecordShape();

/** Where cases wait until they are acknowledged. */
export class LeasedCases {
  #waiting: Entry[] = [];
  /** Ids in the order in which they were acknowledged. */
  readonly acknowledged: string[] = [];
  /** What to do instead of taking an acknowledgement. */
  refuse: (() => never) | undefined;

  open(records: readonly string[]): CaseSource {
    return this.#source(records, () => Promise.resolve());
  }

  openBroken(records: readonly string[]): CaseSource {
    return this.#source(records, () => Promise.reject(new InputError('the queue is gone')));
  }

  openIdle(records: readonly string[]): CaseSource {
    return this.#source(records, (ended) => ended);
  }

  /** Ids that whoever comes next is given. */
  openDeliveries(): readonly string[] {
    return this.#waiting.map(idOf);
  }

  #source(records: readonly string[], last: (ended: Promise<void>) => Promise<void>): CaseSource {
    const leased = new Map<DeliveryHandle, Entry>();
    const entries = records.map(entryOf);
    const counts = { read: 0, selected: 0, invalid: 0, invalidHidden: 0 };
    let [complete, isUsed, isClosed] = [false, false, false];
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const next = async (): Promise<readonly Entry[] | undefined> => {
      const entry = isClosed ? undefined : entries.shift();
      if (entry === undefined) {
        await last(ended);
        complete = !isClosed;
        return undefined;
      }
      counts.read++;
      counts[entry.kind === 'case' ? 'selected' : 'invalid']++;
      const delivery = { of: entry.index };
      leased.set(delivery, entry);
      return [{ ...entry, delivery }];
    };
    const stop = (): Promise<void> => {
      isClosed = true;
      end();
      return Promise.resolve();
    };
    const close = async (): Promise<void> => {
      isUsed = true;
      await stop();
      this.#waiting.push(...leased.values(), ...entries.splice(0));
      leased.clear();
    };
    return {
      counts,
      get complete() {
        return complete;
      },
      acknowledge: (deliveries) => {
        this.refuse?.();
        for (const delivery of deliveries) {
          const entry = leased.get(delivery);
          if (entry === undefined) throw new Error('what was not delivered cannot be acknowledged');
          leased.delete(delivery);
          this.acknowledged.push(idOf(entry));
        }
      },
      close,
      [Symbol.asyncDispose]: close,
      [Symbol.asyncIterator]() {
        if (isUsed) throw new Error('a source can be iterated once');
        isUsed = true;
        return pulled(next, stop);
      },
    };
  }
}

function entryOf(text: string, index: number): Entry {
  const source = { file: 'queue', index };
  const checked = SHAPE.check(JSON.parse(text), text);
  if (checked.ok) return { kind: 'case', index, case: new Case(checked.id, text), source };
  return { kind: 'invalid', index, caseId: checked.caseId, source, message: checked.message };
}

function idOf(entry: Entry): string {
  return entry.kind === 'case' ? entry.case.id : `record ${entry.index}`;
}
