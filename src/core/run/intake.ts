/** Handles an entry before any call: an invalid record is a result at once, a settled case needs no call. */

import {
  type Case,
  type CaseEntry,
  EnrichedCase,
  type EnrichedResult,
  type EnrichmentResult,
  type Entry,
  type Failure,
  type InvalidEntry,
  type KnownStatus,
} from '../case.js';
import { isoTimeText } from '../cases/iso-time.js';
import type { Clock, EnrichmentClient, PreparedRequest } from '../ports.js';
import type { Member } from './case-result.js';

/**
 * A status when the case needs no call because an earlier run has dealt with it or it is left out, else null. `refresh`
 * when it is called although it is enriched, because that was too long ago.
 */
export type SettledStatus = (entry: CaseEntry, key: string | undefined) => KnownStatus | 'refresh' | null;

/** What a run knows of cases before it calls them. */
export interface IntakeRules {
  readonly settled?: SettledStatus | undefined;
  /** True for a case that has already what it would be called for. */
  readonly isComplete?: ((aCase: Case) => boolean) | undefined;
  readonly placeOf?: PlaceOf | undefined;
}

/** Where to ask for the answer to this case, when an earlier run has submitted the same request; else undefined. */
export type PlaceOf = (caseId: string, key: string | undefined) => string | undefined;

export type Admission =
  | {
      readonly do: 'call';
      readonly entry: CaseEntry;
      readonly prepared: Partial<PreparedRequest>;
      readonly refresh: boolean;
      readonly poll: string | undefined;
    }
  | { readonly do: 'finish'; readonly result: EnrichmentResult }
  /** No call and no result: an earlier run has dealt with it, or it is left out. */
  | { readonly do: 'skip'; readonly entry: CaseEntry; readonly status: KnownStatus };

export class Intake {
  readonly #client: EnrichmentClient;
  readonly #rules: IntakeRules;
  readonly #clock: Clock;

  constructor(client: EnrichmentClient, rules: IntakeRules, clock: Clock) {
    this.#client = client;
    this.#rules = rules;
    this.#clock = clock;
  }

  admit(entry: Entry): Admission {
    if (entry.kind === 'invalid') return { do: 'finish', result: this.#invalidResult(entry) };
    if (entry.failure !== undefined) return { do: 'finish', result: this.#failedResult(entry, entry.failure) };
    const prepared = this.#client.prepare?.(entry.case) ?? NOTHING_PREPARED;
    if ('problem' in prepared) return { do: 'finish', result: this.#unsendable(entry, prepared.problem) };
    const status = this.#rules.settled?.(entry, prepared.key) ?? null;
    const refresh = status === 'refresh';
    if (status !== null && !refresh) return { do: 'skip', entry, status };
    if (this.#rules.isComplete?.(entry.case) === true)
      return { do: 'finish', result: this.#skipped(entry, prepared.key, refresh) };
    return { do: 'call', entry, prepared, refresh, poll: this.#rules.placeOf?.(entry.case.id, prepared.key) };
  }

  /** A case that has what it would be called for stays as it is. */
  #skipped({ case: aCase, index, delivery }: CaseEntry, key: string | undefined, refresh: boolean): EnrichedResult {
    return {
      caseId: aCase.id,
      status: 'enriched',
      index,
      enrichedCase: new EnrichedCase(aCase.text),
      error: null,
      attempts: 0,
      durationMs: 0,
      at: isoTimeText(this.#clock.wallNow()),
      case: aCase,
      skipped: true,
      ...(key === undefined ? {} : { key }),
      ...(delivery === undefined ? {} : { delivery }),
      ...(refresh ? { refresh } : {}),
    };
  }

  /** A valid case for which no request can be made. */
  #unsendable(entry: CaseEntry, message: string): EnrichmentResult {
    const invalid = { ...entry, kind: 'invalid' as const, caseId: entry.case.id, message };
    return { ...this.#invalidResult(invalid), case: entry.case };
  }

  #failedResult({ index, case: aCase, source, delivery }: CaseEntry, error: Failure): EnrichmentResult {
    const at = isoTimeText(this.#clock.wallNow());
    const facts = { caseId: aCase.id, index, attempts: 0, durationMs: 0, at, source, case: aCase };
    const result = { ...facts, status: 'failed', enrichedCase: null, error } as const;
    return delivery === undefined ? result : { ...result, delivery };
  }

  #invalidResult({ caseId, index, source, message, delivery }: InvalidEntry): EnrichmentResult {
    const error = { kind: 'case', message, retryable: false } as const;
    const at = isoTimeText(this.#clock.wallNow());
    const result = {
      caseId,
      status: 'invalid',
      index,
      enrichedCase: null,
      error,
      attempts: 0,
      durationMs: 0,
      at,
      source,
    } as const;
    return delivery === undefined ? result : { ...result, delivery };
  }
}

const NOTHING_PREPARED: Partial<PreparedRequest> = {};

/** An admitted case as the member of a call. */
export function memberOf(sequence: number, admission: Extract<Admission, { do: 'call' }>): Member {
  const { entry, prepared, refresh, poll } = admission;
  return poll === undefined ? { sequence, entry, prepared, refresh } : { sequence, entry, prepared, refresh, poll };
}
