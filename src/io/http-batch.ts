/** Several cases in one POST: the combined request, and each case's own part of the answer. */

import type { AttemptFailure, AttemptOutcome, BatchPort } from '../core/case.js';
import { elementTexts, memberTexts, textAt } from '../core/json-text.js';
import { type AnswerRules, readElement } from './http-answer.js';
import { combineRequests, type HttpRequest } from './http-request.js';

export interface BatchOptions {
  /** The most cases in one call. */
  readonly size: number;
  /** Tokens of the JSON Pointer to the array or object of results in the answer; none for the answer itself. */
  readonly key?: readonly string[];
}

/** The results are an array of the same length and order, or an object keyed by id. */
export function batchPort(options: BatchOptions, rules: AnswerRules): BatchPort {
  return {
    size: options.size,
    combine: (requests) => combineRequests(requests as readonly HttpRequest[]),
    split: (answer, ids) => split(answer, ids, options, rules),
  };
}

function split(answer: string, ids: readonly string[], options: BatchOptions, rules: AnswerRules): AttemptOutcome[] {
  const results = textAt(answer, options.key ?? [])?.trim();
  if (results?.startsWith('[')) return splitArray(elementTexts(results), ids, rules);
  if (results?.startsWith('{')) return splitObject(memberTexts(results), ids, rules);
  const where = options.key === undefined || options.key.length === 0 ? '' : ' at --batch-key';
  return ids.map(() => failure(`the answer to the batch has neither an array nor an object${where}`));
}

function splitArray(elements: readonly string[], ids: readonly string[], rules: AnswerRules): AttemptOutcome[] {
  if (elements.length === ids.length) return elements.map((element) => outcomeOf(element, rules));
  const message = `the answer has ${elements.length} elements for ${ids.length} cases: which is whose can't be told`;
  return ids.map(() => failure(message));
}

function splitObject(
  members: ReadonlyMap<string, string>,
  ids: readonly string[],
  rules: AnswerRules,
): AttemptOutcome[] {
  return ids.map((id) => {
    const text = members.get(id);
    return text === undefined ? failure('the answer to the batch has nothing for this case') : outcomeOf(text, rules);
  });
}

/** An element `{"error": …}` says that this case failed; anything else is an enrichment. */
function outcomeOf(text: string, rules: AnswerRules): AttemptOutcome {
  const error = text.startsWith('{') ? textAt(text, ['error']) : undefined;
  if (error !== undefined && error !== 'null' && error !== 'false') {
    return failure(`the endpoint refused this case of the batch: ${errorWords(error, text)}`, text.slice(0, 512));
  }
  const answer = readElement(text, rules);
  return 'problem' in answer ? failure(answer.problem) : { ok: true, text: answer.text };
}

function errorWords(error: string, element: string): string {
  const words = error.startsWith('"') ? error : (textAt(error, ['message']) ?? textAt(element, ['message']) ?? error);
  return (words.startsWith('"') ? (JSON.parse(words) as string) : words).slice(0, 200);
}

function failure(message: string, body?: string): AttemptFailure {
  const text = body === undefined ? {} : { body };
  return { ok: false, failure: { kind: 'response', message, retryable: false, ...text } };
}
