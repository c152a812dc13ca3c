/** A source for cases that a program passes in, as an array or an iterable that makes them on demand. */

import { Case, type Entry } from '../../core/case.js';
import { RecordShape } from '../../core/cases/record.js';
import type { CaseSource, SourceCounts } from '../../core/ports.js';

/** A case, an entry of `readCases`, or a plain object with an `id`. */
export type CaseInput = Case | Entry | { readonly id: string | number; readonly [field: string]: unknown };

type Cases = Iterable<CaseInput> | AsyncIterable<CaseInput>;
/** A synchronous iterator may give promises, which are awaited one by one. */
type CaseIterator = Iterator<CaseInput | PromiseLike<CaseInput>> | AsyncIterator<CaseInput>;

/** Takes one case from the iterator for each request for entries: cases that are not needed are never made. */
export class GivenCases implements CaseSource {
  readonly #cases: Cases;
  #given: CaseIterator | undefined;
  #entries: AsyncGenerator<readonly Entry[], void, void> | undefined;
  #isUsed = false;
  #index = 0;
  #invalid = 0;
  #complete = false;

  constructor(cases: Cases) {
    this.#cases = cases;
  }

  get counts(): SourceCounts {
    const read = this.#index;
    return { read, selected: read - this.#invalid, invalid: this.#invalid, invalidHidden: 0 };
  }

  get complete(): boolean {
    return this.#complete;
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Entry[], void> {
    if (this.#isUsed) throw new Error('a source can be iterated once');
    this.#isUsed = true;
    const given = iteratorOf(this.#cases);
    const entries = this.#read(given);
    this.#given = given;
    this.#entries = entries;
    const close = (): Promise<void> => this.close();
    return {
      next: () => entries.next(),
      async return() {
        await close();
        return { done: true, value: undefined };
      },
    };
  }

  /** Closes the program's iterator unless it has ended by itself, before anything else: a `next` may be pending on it. */
  async close(): Promise<void> {
    this.#isUsed = true;
    const given = this.#given;
    this.#given = undefined;
    await given?.return?.();
    await this.#entries?.return();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#read(given: CaseIterator): AsyncGenerator<readonly Entry[], void, void> {
    for (let step = await this.#next(given); !step.done; step = await this.#next(given)) {
      const { value } = step;
      const entry = entryOf(isPromise(value) ? await value : value, this.#index++);
      if (entry.kind === 'invalid') this.#invalid++;
      yield [entry];
    }
    this.#complete = this.#given !== undefined;
    this.#given = undefined;
  }

  /** The iterator's next step; an iterator that throws must not be closed afterwards. */
  async #next(given: CaseIterator): Promise<IteratorResult<CaseInput | PromiseLike<CaseInput>, unknown>> {
    try {
      return await given.next();
    } catch (error) {
      this.#given = undefined;
      throw error;
    }
  }
}

function iteratorOf(cases: Cases): CaseIterator {
  return Symbol.asyncIterator in cases ? cases[Symbol.asyncIterator]() : cases[Symbol.iterator]();
}

function isPromise(given: CaseInput | PromiseLike<CaseInput>): given is PromiseLike<CaseInput> {
  return typeof (given as { then?: unknown } | null | undefined)?.then === 'function';
}

const PLAIN = new RecordShape();

function entryOf(input: CaseInput, index: number): Entry {
  if (isEntry(input)) return { ...input, index };
  const source = { file: 'input', index };
  if (input instanceof Case) return { kind: 'case', index, case: input, source };
  const text = jsonOf(input);
  if (text === undefined) return { kind: 'invalid', index, source, caseId: null, message: 'it has no form as JSON' };
  const checked = PLAIN.check(input, text);
  if (!checked.ok) return { kind: 'invalid', index, source, caseId: checked.caseId, message: checked.message };
  return { kind: 'case', index, case: new Case(checked.id, text), source };
}

/** The case as JSON; undefined for what JSON can't represent: a function, a circular object, a BigInt. */
function jsonOf(input: CaseInput): string | undefined {
  try {
    return JSON.stringify(input);
  } catch {
    return undefined;
  }
}

function isEntry(input: CaseInput): input is Entry {
  if (typeof input !== 'object' || input === null) return false;
  if (!('kind' in input && 'source' in input)) return false;
  return input.kind === 'invalid' || ('case' in input && input.case instanceof Case);
}
