/** Handles an entry before any call: an invalid record is a result at once, a settled case needs no call. */

import type { CaseEntry, EnrichmentResult, Entry, InvalidEntry, KnownStatus } from '../case.js';
import { isoTimeText } from '../cases/iso-time.js';
import type { Clock, EnrichmentClient, PreparedRequest } from '../ports.js';

/** A status when the case needs no call because an earlier run has dealt with it or it is left out, else null. */
export type SettledStatus = (entry: CaseEntry, key: string | undefined) => KnownStatus | null;

export type Admission =
  | { readonly do: 'call'; readonly entry: CaseEntry; readonly prepared: Partial<PreparedRequest> }
  | { readonly do: 'finish'; readonly result: EnrichmentResult }
  /** No call and no result: an earlier run has dealt with it, or it is left out. */
  | { readonly do: 'skip'; readonly entry: CaseEntry; readonly status: KnownStatus };

export class Intake {
  readonly #client: EnrichmentClient;
  readonly #settled: SettledStatus | undefined;
  readonly #clock: Clock;

  constructor(client: EnrichmentClient, settled: SettledStatus | undefined, clock: Clock) {
    this.#client = client;
    this.#settled = settled;
    this.#clock = clock;
  }

  admit(entry: Entry): Admission {
    if (entry.kind === 'invalid') return { do: 'finish', result: this.#invalidResult(entry) };
    const prepared = this.#client.prepare?.(entry.case) ?? NOTHING_PREPARED;
    if ('problem' in prepared) return { do: 'finish', result: this.#unsendable(entry, prepared.problem) };
    const status = this.#settled?.(entry, prepared.key) ?? null;
    return status === null ? { do: 'call', entry, prepared } : { do: 'skip', entry, status };
  }

  /** A valid case for which no request can be made. */
  #unsendable(entry: CaseEntry, message: string): EnrichmentResult {
    const invalid = { ...entry, kind: 'invalid' as const, caseId: entry.case.id, message };
    return { ...this.#invalidResult(invalid), case: entry.case };
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
