/** Several cases in one call: gathering them, taking the answer apart, and halving a batch that is refused for good. */

import { Case, type EnrichmentResult, type Failure } from '../case.js';
import type { AttemptOutcome, BatchPort, Clock, EnrichmentClient, Timer } from '../ports.js';
import { type CallMaker, singleCall, SingleCalls } from './call-maker.js';
import type { Member } from './case-result.js';
import { type CaseRules, CaseRun } from './case-run.js';
import type { Answered, Ending } from './ending.js';

/** A batch that is not full leaves after this many milliseconds. */
export const LINGER_MS = 50;

/** Statuses that may be about one of the cases that were sent: half of the batch may pass. */
const REFUSED_FOR_CONTENT: ReadonlySet<number> = new Set([400, 413, 422]);

export interface BatcherEvents {
  /** A batch is ready to be sent. */
  readonly ready: (run: CaseRun) => void;
  /** A batch that is not full has waited `LINGER_MS`: time to `flush`. */
  readonly due: () => void;
}

/** How the cases of a run become calls of this client. */
export function callMakerOf(
  { batch }: EnrichmentClient,
  rules: CaseRules,
  clock: Clock,
  events: BatcherEvents,
): CallMaker {
  return batch === undefined ? new SingleCalls(rules, clock, events.ready) : new Batcher(batch, rules, clock, events);
}

/** A call for up to `port.size` cases. */
export class Batcher implements CallMaker {
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

  flush(): void {
    const members = this.#take();
    if (members.length > 0) this.#events.ready(this.#run(members));
  }

  giveUp(): readonly CaseRun[] {
    return this.#take().map((member) => singleCall(member, this.#rules, this.#clock));
  }

  halves(run: CaseRun, ending: Ending): readonly CaseRun[] | null {
    if (run.members.length < 2 || ending.status !== 'failed') return null;
    if (!REFUSED_FOR_CONTENT.has(ending.error.httpStatus ?? 0)) return null;
    const middle = Math.ceil(run.members.length / 2);
    const parts = [run.members.slice(0, middle), run.members.slice(middle)];
    return parts.map((members) => this.#run(members).continueFrom(run));
  }

  results(run: CaseRun, ending: Ending, shared: boolean): EnrichmentResult[] {
    if (ending.status !== 'enriched') return run.members.map((member) => run.result(member, ending, shared));
    // Without JSON there is nothing to take apart: as for a case alone, the status is the answer of each.
    const isStatusAlone = ending.httpStatus !== undefined && ending.answer === 'null';
    if (isStatusAlone) return run.members.map((member) => run.result(member, ending, shared));
    const ids = run.members.map((member) => member.entry.case.id);
    const parts = this.#port.split(ending.answer, ids);
    return run.members.map((member, at) => run.result(member, endingOf(parts[at], ending), shared));
  }

  #take(): readonly Member[] {
    this.#linger?.cancel();
    this.#linger = null;
    const members = this.#gathered;
    this.#gathered = [];
    return members;
  }

  #run(members: readonly Member[]): CaseRun {
    const first = members[0]?.entry.case.id ?? '';
    const name = members.length === 1 ? first : `${first} and ${members.length - 1} more`;
    const text = `[${members.map((member) => member.entry.case.text).join(',')}]`;
    const request = this.#port.combine(members.map((member) => member.prepared.request));
    return new CaseRun(members, { case: new Case(name, text), request }, this.#rules, this.#clock);
  }
}

/** The outcome of one case, from its part of the answer; the status is that of the whole. */
function endingOf(part: AttemptOutcome = { ok: false, failure: NO_ANSWER }, whole: Answered): Ending {
  return part.ok ? { ...whole, answer: part.text } : { status: 'failed', error: part.failure };
}

const NO_ANSWER: Failure = {
  kind: 'response',
  message: 'the answer to the batch has nothing for this case',
  retryable: false,
};
