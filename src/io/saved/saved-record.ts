/** What is read back from a journal or a report: results, and the ends of runs. */

import { MOST_LEVELS } from '../../core/results/bounds.js';
import type { PendingPlace } from '../../core/case.js';
import type { SavedResult } from '../../core/results/run-info.js';
import { isSavedEnd, isSavedPlace, isSavedResult, type SavedEnd } from '../../core/results/saved-shape.js';
import { isDeeperThan, isObject, withMember } from '../../json/text.js';
import type { Misfit } from './misfit.js';

/** A result that was read back, with its source text on one line, which JSON renderers write unchanged. */
export interface SavedRecord {
  readonly kind: 'result';
  readonly result: SavedResult;
  readonly text: string;
}

/** The end of a run: the closing line of a journal, the head of a report. */
export interface RunEnd extends SavedEnd {
  readonly kind: 'run';
}

/** The line of a case whose answer comes later: no result. */
export interface SavedPlace {
  readonly kind: 'place';
  readonly place: PendingPlace;
}

/** Code that walks through such a value, or prints it, would overflow the stack. */
const TOO_DEEP = 'it is nested deeper than 1,000 levels';

/** The result, place or run end in a text, or why the text is neither. */
export function parseSaved(text: string): SavedRecord | RunEnd | SavedPlace | Misfit {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'misfit', why: 'it is not JSON' };
  }
  if (!isObject(value)) return { kind: 'misfit', why: 'it is not an object' };
  if (isDeeperThan(text, MOST_LEVELS)) return { kind: 'misfit', why: TOO_DEEP };
  if (isSavedResult(value)) return { kind: 'result', result: value, text };
  if (isSavedEnd(value)) return { kind: 'run', run: value.run, summary: value.summary };
  if (isSavedPlace(value)) return { kind: 'place', place: value };
  return { kind: 'misfit', value };
}

/** The record of an enrichment whose last refresh failed, marked as such. */
export function staleRecord({ result, text }: SavedRecord): SavedRecord {
  return { kind: 'result', result: { ...result, stale: true }, text: withMember(text, 'stale', 'true') };
}
