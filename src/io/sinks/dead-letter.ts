import type { Case, EnrichmentResult } from '../../core/case.js';
import type { ResultSink } from '../../core/ports.js';
import type { TextOutput } from '../files/atomic-file.js';

/**
 * Writes the failed cases, unchanged, one per line, as their results come: the file is a case file again. Its errors
 * name no cases, because the results themselves are in another sink.
 */
export class DeadLetter implements ResultSink {
  readonly storesOn = 'write';
  readonly #output: TextOutput;
  #count = 0;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  /** Number of cases written. */
  get count(): number {
    return this.#count;
  }

  /** Writes the cases whose result is a failure. Rejects with an OutputError. */
  async write(results: readonly EnrichmentResult[]): Promise<void> {
    await this.add(results.filter(({ status }) => status === 'failed').map(caseOf));
  }

  /** Writes cases that failed in an earlier run and are not called in this one. */
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
