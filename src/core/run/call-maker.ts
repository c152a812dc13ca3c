/** How cases become calls: each one alone (here), or many at a time (batching.ts). */

import type { EnrichmentResult } from '../case.js';
import type { Clock } from '../ports.js';
import type { Member } from './case-result.js';
import { type CaseRules, CaseRun } from './case-run.js';
import type { Ending } from './ending.js';

export interface CallMaker {
  /** Takes in a case; its call is ready now, or once enough cases are gathered. */
  add(member: Member): void;
  /** Sends off what is gathered. */
  flush(): void;
  /** Gives up the gathered cases: returns a CaseRun without a call for each of them. */
  giveUp(): readonly CaseRun[];
  /** The two halves of a call that was refused for what is in it, or null when it is not to be split. */
  halves(run: CaseRun, ending: Ending): readonly CaseRun[] | null;
  /** Each case's own result, in the order of the run's members. */
  results(run: CaseRun, ending: Ending, shared: boolean): readonly EnrichmentResult[];
}

/** A call for each case. */
export class SingleCalls implements CallMaker {
  readonly #rules: CaseRules;
  readonly #clock: Clock;
  readonly #ready: (run: CaseRun) => void;

  constructor(rules: CaseRules, clock: Clock, ready: (run: CaseRun) => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#ready = ready;
  }

  add(member: Member): void {
    this.#ready(singleCall(member, this.#rules, this.#clock));
  }

  flush(): void {}

  giveUp(): readonly CaseRun[] {
    return [];
  }

  halves(): null {
    return null;
  }

  results(run: CaseRun, ending: Ending, shared: boolean): readonly EnrichmentResult[] {
    return run.members.map((member) => run.result(member, ending, shared));
  }
}

/** The call for one case alone. */
export function singleCall(member: Member, rules: CaseRules, clock: Clock): CaseRun {
  return new CaseRun([member], { case: member.entry.case, request: member.prepared.request }, rules, clock);
}
