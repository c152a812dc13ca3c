/** Cases that a program has in hand, or makes as they are asked for, as a source. */

import { Case, type Entry } from '../../core/case.js';
import { RecordShape } from '../../core/cases/record.js';
import type { CaseSource, SourceCounts } from '../../core/ports.js';
import { pulled } from './pulled.js';

/** A case, an entry of `readCases`, or a plain object with an `id`. */
export type CaseInput = Case | Entry | { readonly id: string | number; readonly [field: string]: unknown };

type Cases = Iterable<CaseInput> | AsyncIterable<CaseInput>;
/** What a plain iterator gives may be promises: they are awaited one by one. */
type Given = CaseInput | PromiseLike<CaseInput>;
type CaseIterator = Iterator<Given> | AsyncIterator<Given>;

/** Takes one case each time it is asked for entries: what is not needed is never made. */
export class GivenCases implements CaseSource {
  readonly #cases: Cases;
  #iterator: CaseIterator | undefined;
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

  [Symbol.asyncIterator](): AsyncIterator<readonly Entry[]> {
    if (this.#isUsed) throw new Error('a source can be iterated once');
    this.#isUsed = true;
    this.#iterator = iteratorOf(this.#cases);
    return pulled(
      () => this.#next(),
      () => this.close(),
    );
  }

  /** Closes what the program gave, unless that has ended by itself. */
  async close(): Promise<void> {
    this.#isUsed = true;
    const iterator = this.#iterator;
    this.#iterator = undefined;
    await iterator?.return?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<readonly Entry[] | undefined> {
    const step = await this.#step();
    if (step === undefined || step.done) return undefined;
    const entry = entryOf(await step.value, this.#index++);
    if (entry.kind === 'invalid') this.#invalid++;
    return [entry];
  }

  async #step(): Promise<IteratorResult<Given, unknown> | undefined> {
    try {
      const step = await this.#iterator?.next();
      if (step?.done) this.#end(true);
      return step;
    } catch (error) {
      this.#end(false);
      throw error;
    }
  }

  /** An iterator that has ended or thrown is not to be closed. */
  #end(complete: boolean): void {
    this.#complete = complete;
    this.#iterator = undefined;
  }
}

function iteratorOf(cases: Cases): CaseIterator {
  return Symbol.asyncIterator in cases ? cases[Symbol.asyncIterator]() : cases[Symbol.iterator]();
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

/** undefined for what JSON has no form for: a function, a circle, a BigInt. */
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
