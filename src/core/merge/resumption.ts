import type { Place } from '../case.js';
import type { OnlyKind, ResumeIndex } from './resume-index.js';

/**
 * What to do with a case of a resumed run. `refresh`: call it, although there is an enrichment by the same request: that
 * one is too old. `left-out`: not done, but not what `--only` names.
 */
export type Decision = 'call' | 'refresh' | 'done' | 'left-out';

/** Decides about one case. An empty `only` means all kinds; an enrichment that is too old is refreshed whatever they are. */
export function decide(
  index: ResumeIndex,
  caseId: string,
  key: string | undefined,
  only: readonly OnlyKind[],
  place?: Place,
): Decision {
  if (index.isDone(caseId, key)) return 'done';
  if (index.isDue(caseId, key)) return 'refresh';
  if (only.length > 0 && !only.some((kind) => index.isOf(kind, caseId, place, key))) return 'left-out';
  return index.isStale(caseId, key) ? 'refresh' : 'call';
}

/** The cases of the input, counted by what the journal knows of them. */
export interface ResumeCounts {
  /** Enriched already, not called again. */
  readonly done: number;
  /** Enriched by the same request, but too long ago: called again. */
  readonly refreshed: number;
  /** The case or a setting has changed since the newest result. */
  readonly changed: number;
  /** In the journal without an enrichment. */
  readonly unfinished: number;
  /** Those of the cases to be called that are asked about where an earlier run has submitted them. */
  readonly asked: number;
  /** Not in the journal. */
  readonly fresh: number;
  /** Those that `--only` leaves out. */
  readonly leftOut: number;
  /** Those of the left-out ones that have no result, or none but that of an invalid record. */
  readonly leftOutMissing: number;
  readonly leftOutInvalid: number;
  /** In the journal, not in the input; right when the whole input was read. */
  readonly vanished: number;
}

/** Decides about the cases of an input, each once, and counts. */
export class Resumption {
  readonly index: ResumeIndex;
  readonly #only: readonly OnlyKind[];
  readonly #counts = {
    asked: 0,
    done: 0,
    refreshed: 0,
    changed: 0,
    unfinished: 0,
    fresh: 0,
    leftOut: 0,
    leftOutMissing: 0,
    leftOutInvalid: 0,
  };

  constructor(index: ResumeIndex, only: readonly OnlyKind[] = []) {
    this.index = index;
    this.#only = only;
  }

  get counts(): ResumeCounts {
    return { ...this.#counts, vanished: this.index.vanished };
  }

  /** Where to ask for the answer to a case that is to be called; undefined when it has to be submitted. */
  placeOf(caseId: string, key: string | undefined): string | undefined {
    const place = this.index.places.at(caseId, key);
    if (place !== undefined) this.#counts.asked++;
    return place;
  }

  decide(caseId: string, key: string | undefined, place?: Place): Decision {
    const decision = decide(this.index, caseId, key, this.#only, place);
    this.index.see(caseId);
    if (decision === 'done') this.#counts.done++;
    else if (decision === 'refresh') this.#counts.refreshed++;
    else if (this.index.isChanged(caseId, key)) this.#counts.changed++;
    else if (this.index.status(caseId) === 'missing') this.#counts.fresh++;
    else this.#counts.unfinished++;
    if (decision === 'left-out') this.#countLeftOut(caseId);
    return decision;
  }

  #countLeftOut(caseId: string): void {
    this.#counts.leftOut++;
    const status = this.index.status(caseId);
    if (status === 'missing') this.#counts.leftOutMissing++;
    if (status === 'invalid') this.#counts.leftOutInvalid++;
  }
}
