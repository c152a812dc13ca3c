import type { Case, EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import type { TextOutput } from '../files/atomic-file.js';

/**
 * The cases that failed, unchanged, one a line: itself a case file. Written as the results come. Of all results it keeps
 * the failed ones, and its errors name none: the results themselves are in another sink.
 */
export class DeadLetter implements ResultSink {
  readonly storesOn = 'write';
  readonly #output: TextOutput;
  #count = 0;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  /** How many cases are in it. */
  get count(): number {
    return this.#count;
  }

  /** Takes the failed ones of these results. Rejects with an OutputError. */
  async write(results: readonly EnrichmentResult[]): Promise<void> {
    await this.add(results.filter(({ status }) => status === 'failed').map(caseOf));
  }

  /** Takes cases whose failure is known from an earlier run, and which this one does not call. */
  async add(cases: readonly Case[]): Promise<void> {
    if (cases.length === 0) return;
    await this.#output.write(cases.map((aCase) => `${aCase.text}\n`).join(''));
    this.#count += cases.length;
  }

  finish(): Promise<void> {
    return this.#output.finish();
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}

function caseOf({ caseId, case: aCase }: EnrichmentResult): Case {
  if (aCase === undefined) throw new Error(`the failed result of ${caseId} has lost its case`);
  return aCase;
}
