/** The result of a case, put together from its text, its ending and what its call has cost. */

import { type CaseEntry, EnrichedCase, type EnrichmentResult, type Try } from '../case.js';
import { withMember } from '../../json/text.js';
import type { PreparedRequest } from '../ports.js';
import { tenth } from '../results/latency.js';
import type { Ending } from './ending.js';

/** One case that a call is made for; `sequence` is its order of arrival in the pipeline, from 0. */
export interface Member {
  readonly sequence: number;
  readonly entry: CaseEntry;
  /** What the client has made of the case before the first call. */
  readonly prepared: Partial<PreparedRequest>;
  /** It is enriched, by the same request, and that was too long ago. */
  readonly refresh?: boolean;
  /** Where to ask for its answer: an earlier run has submitted it. */
  readonly poll?: string;
}

/** What the call of a case has cost, and what is known besides. */
export interface CallFacts {
  /** The member that the enrichment becomes. */
  readonly into: string;
  readonly attempts: number;
  readonly durationMs: number;
  /** ISO 8601. */
  readonly at: string;
  readonly tries: readonly Try[];
  /** The call was made for another case with the same request. */
  readonly shared: boolean;
  /** Where to ask for the answer that the case has ended without. */
  readonly poll: string | undefined;
}

/** A result while it is built, member by member: an object spread would copy it each time. */
type ResultDraft = { -readonly [K in keyof EnrichmentResult]: EnrichmentResult[K] };

/** The result of one of the cases that a call was made for. */
export function caseResult({ entry, prepared, refresh }: Member, ending: Ending, facts: CallFacts): EnrichmentResult {
  const isEnriched = ending.status === 'enriched';
  const text = isEnriched ? withMember(entry.case.text, facts.into, ending.answer) : null;
  const result: ResultDraft = {
    caseId: entry.case.id,
    status: ending.status,
    index: entry.index,
    enrichedCase: text === null ? null : new EnrichedCase(text),
    error: isEnriched ? null : ending.error,
    attempts: facts.attempts,
    durationMs: tenth(facts.durationMs),
    at: facts.at,
    case: entry.case,
  };
  if (prepared.key !== undefined) result.key = prepared.key;
  if (entry.delivery !== undefined) result.delivery = entry.delivery;
  if (facts.tries.length > 1) result.tries = facts.tries;
  if (isEnriched && ending.httpStatus !== undefined) result.httpStatus = ending.httpStatus;
  if (facts.shared) result.shared = true;
  if (refresh) result.refresh = true;
  if (facts.poll !== undefined) result.poll = facts.poll;
  return result as EnrichmentResult;
}
