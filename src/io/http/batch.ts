/** Several cases in one POST: the combined request, and each case's own part of the answer. */

import type { AttemptFailure, AttemptOutcome, BatchPort } from '../../core/ports.js';
import { elementTexts, memberTexts, textAt } from '../../json/text.js';
import { type AnswerRules, readElement } from './answer.js';
import { partFailure, shownUpTo } from './failure.js';
import { combineRequests, type HttpRequest } from './request.js';
import type { Redactor } from '../secrets/redact.js';

export interface BatchOptions {
  /** The largest number of cases in one call. */
  readonly size: number;
  /** Tokens of the JSON Pointer to the array or object of results in the answer; none for the answer itself. */
  readonly key?: readonly string[];
}

/** The results are an array of the same length and order, or an object keyed by id. Failures come out without secrets. */
export function batchPort(options: BatchOptions, rules: AnswerRules, redactor: Redactor): BatchPort {
  const splitter = new Splitter(options, rules, redactor);
  return {
    size: options.size,
    combine: (requests) => combineRequests(requests as readonly HttpRequest[]),
    split: (answer, ids) => splitter.split(answer, ids),
  };
}

const MAX_WORDS = 200;

class Splitter {
  readonly #options: BatchOptions;
  readonly #rules: AnswerRules;
  readonly #redactor: Redactor;

  constructor(options: BatchOptions, rules: AnswerRules, redactor: Redactor) {
    this.#options = options;
    this.#rules = rules;
    this.#redactor = redactor;
  }

  split(answer: string, ids: readonly string[]): AttemptOutcome[] {
    const key = this.#options.key ?? [];
    const results = textAt(answer, key)?.trim();
    if (results?.startsWith('[')) return this.#splitArray(elementTexts(results), ids);
    if (results?.startsWith('{')) return this.#splitObject(memberTexts(results), ids);
    const where = key.length === 0 ? '' : ' at --batch-key';
    return ids.map(() => this.#failure(`the answer to the batch has neither an array nor an object${where}`));
  }

  #splitArray(elements: readonly string[], ids: readonly string[]): AttemptOutcome[] {
    if (elements.length === ids.length) return elements.map((element) => this.#outcomeOf(element));
    const message = `the answer has ${elements.length} elements for ${ids.length} cases: which is whose can't be told`;
    return ids.map(() => this.#failure(message));
  }

  #splitObject(members: ReadonlyMap<string, string>, ids: readonly string[]): AttemptOutcome[] {
    return ids.map((id) => {
      const text = members.get(id);
      const missing = 'the answer to the batch has nothing for this case';
      return text === undefined ? this.#failure(missing) : this.#outcomeOf(text);
    });
  }

  /** An element `{"error": …}` says that this case failed; anything else is an enrichment. */
  #outcomeOf(text: string): AttemptOutcome {
    const error = text.startsWith('{') ? textAt(text, ['error']) : undefined;
    if (error !== undefined && error !== 'null' && error !== 'false') {
      const words = shownUpTo(MAX_WORDS, errorWords(error, text), this.#redactor);
      return this.#failure(`the endpoint refused this case of the batch: ${words}`, text);
    }
    const answer = readElement(text, this.#rules);
    return 'problem' in answer ? this.#failure(answer.problem) : { ok: true, text: answer.text };
  }

  #failure(message: string, part?: string): AttemptFailure {
    return partFailure(message, part, this.#redactor);
  }
}

function errorWords(error: string, element: string): string {
  const words = error.startsWith('"') ? error : (textAt(error, ['message']) ?? textAt(element, ['message']) ?? error);
  return words.startsWith('"') ? (JSON.parse(words) as string) : words;
}
