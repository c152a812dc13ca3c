/** Several cases in one call: gathering them, taking the answer apart, and halving a batch that is refused for good. */

import { Case, type EnrichmentResult, type Failure } from '../case.js';
import type { BatchPort, Clock, Timer } from '../ports.js';
import { type CaseRules, CaseRun, type Ending, type Member } from './case-run.js';

/** A batch that is not full leaves after so many milliseconds. */
export const LINGER_MS = 50;

/** Statuses that speak of what was sent: with half of it the rest may pass. */
const REFUSED_FOR_CONTENT: ReadonlySet<number> = new Set([400, 413, 422]);

export interface BatcherEvents {
  /** A batch leaves. */
  readonly ready: (run: CaseRun) => void;
  /** What is gathered has waited long enough: time to `flush`. */
  readonly due: () => void;
}

export class Batcher {
  readonly #port: BatchPort;
  readonly #rules: CaseRules;
  readonly #clock: Clock;
  readonly #events: BatcherEvents;
  #gathered: Member[] = [];
  #linger: Timer | null = null;

  constructor(port: BatchPort, rules: CaseRules, clock: Clock, events: BatcherEvents) {
    this.#port = port;
    this.#rules = rules;
    this.#clock = clock;
    this.#events = events;
  }

  add(member: Member): void {
    this.#gathered.push(member);
    if (this.#gathered.length >= this.#port.size) this.flush();
    else this.#linger ??= this.#clock.setTimer(LINGER_MS, this.#events.due);
  }

  /** Sends off what is gathered. */
  flush(): void {
    const members = this.take();
    if (members.length > 0) this.#events.ready(this.#run(members));
  }

  /** Gives up what is gathered. */
  take(): readonly Member[] {
    this.#linger?.cancel();
    this.#linger = null;
    const members = this.#gathered;
    this.#gathered = [];
    return members;
  }

  /** The two halves of a batch that was refused for what is in it, or null when it is not to be split. */
  halves(run: CaseRun, ending: Ending): readonly CaseRun[] | null {
    if (run.members.length < 2 || ending.status !== 'failed') return null;
    if (!REFUSED_FOR_CONTENT.has(ending.error.httpStatus ?? 0)) return null;
    const middle = Math.ceil(run.members.length / 2);
    const parts = [run.members.slice(0, middle), run.members.slice(middle)];
    return parts.map((members) => this.#run(members).continueFrom(run));
  }

  /** Each case's own result. */
  results(run: CaseRun, ending: Ending): EnrichmentResult[] {
    if (ending.status !== 'enriched') return run.members.map((member) => run.result(member, ending));
    const ids = run.members.map((member) => member.entry.case.id);
    const parts = this.#port.split(ending.answer, ids);
    return run.members.map((member, at) => {
      const part = parts[at] ?? { ok: false, failure: NO_ANSWER };
      const own: Ending = part.ok
        ? { status: 'enriched', answer: part.text }
        : { status: 'failed', error: part.failure };
      return run.result(member, own);
    });
  }

  #run(members: readonly Member[]): CaseRun {
    const first = members[0]?.entry.case.id ?? '';
    const name = members.length === 1 ? first : `${first} and ${members.length - 1} more`;
    const text = `[${members.map((member) => member.entry.case.text).join(',')}]`;
    const request = this.#port.combine(members.map((member) => member.asked.request));
    return new CaseRun(members, { case: new Case(name, text), request }, this.#rules, this.#clock);
  }
}

const NO_ANSWER: Failure = {
  kind: 'response',
  message: 'the answer to the batch has nothing for this case',
  retryable: false,
};
