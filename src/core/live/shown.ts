/** Single things of a run in the form in which they are shown outside: texts clipped and printable, few numbers. */

import { printable } from '../../text/printable.js';
import { clip } from '../../text/clip.js';
import type { EnrichmentResult } from '../case.js';
import type { AttemptOutcome } from '../ports.js';
import type { FailureGroup } from '../results/failure-groups.js';
import { failureLabel } from '../results/failure-label.js';
import { placeText } from '../case.js';
import type { LiveFailure, LiveGroup } from './messages.js';

type Redact = (text: string) => string;

const LONGEST_ID = 200;
const LONGEST_MESSAGE = 400;

/** @param redact removes secrets from what endpoint and cases have said, where that has not been done. */
export function liveGroup(group: FailureGroup, hint?: string, redact: Redact = String): LiveGroup {
  const { number, status, count, retryable, message, words, examples } = group;
  return {
    number,
    status,
    label: shown(redact(failureLabel(group)), LONGEST_ID),
    message: shown(redact(message), LONGEST_MESSAGE),
    ...(words === undefined ? {} : { words: shown(redact(words), LONGEST_MESSAGE) }),
    count,
    retryable,
    examples: examples.map((example) => shown(redact(example), LONGEST_ID)),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
  };
}

/** One without an id is named by its place. @param atMs when it was delivered, in milliseconds since 1970. */
export function liveFailure(result: EnrichmentResult, atMs: number): LiveFailure {
  const { caseId, status, error, attempts, source } = result;
  const place = caseId === null && source !== undefined ? `${placeText(source)}: ` : '';
  return {
    caseId: caseId === null ? null : shown(caseId, LONGEST_ID),
    status: status === 'invalid' ? 'invalid' : 'failed',
    label: error === null ? '' : shown(failureLabel(error), LONGEST_ID),
    message: shown(`${place}${error?.message ?? ''}`, LONGEST_MESSAGE),
    attempts,
    atMs,
  };
}

/** What an attempt ended with, in a word or two: `429`, `network ECONNREFUSED`. */
export function outcomeText(outcome: AttemptOutcome): string {
  if (outcome.ok) return String(outcome.httpStatus ?? 'an answer');
  const { httpStatus } = outcome.failure;
  return httpStatus === undefined ? shown(failureLabel(outcome.failure), LONGEST_ID) : String(httpStatus);
}

/** An escape is longer than the character that it stands for. */
function shown(text: string, length: number): string {
  return clip(printable(clip(text, length)), length);
}
