/** What a line of saved results is to those who merge them: of which case it is, and what it says. */

import type { SavedResult } from '../results/run-info.js';
import { placeKey } from './place-key.js';

// What the line that counts is; 0 is none.
export const LINE = 0b00_0111;
export const OTHER = 1;
export const INVALID = 2;
export const ENRICHED = 3;
/** An enrichment, and a refresh of it has failed since. */
export const STALE = 4;
export const FAILED_REFRESH = 5;

/** Equal for two lines about the same thing: the case, or the place of a record that is no valid case. */
export function identity(result: SavedResult): string {
  if (result.status !== 'invalid') return caseIdentity(result.caseId ?? '');
  return `invalid\0${placeKey(result.source, result.index)}`;
}

/** The kind of a line. */
export function lineKind({ status, refresh, stale }: SavedResult): number {
  if (status === 'invalid') return INVALID;
  if (status === 'enriched') return stale === true ? STALE : ENRICHED;
  return refresh === true ? FAILED_REFRESH : OTHER;
}

/** What a case is known by. */
export function caseIdentity(caseId: string): string {
  return `case\0${caseId}`;
}
