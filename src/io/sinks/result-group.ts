import type { EnrichmentResult } from '../../core/case.js';
import { formatCount } from '../../text/format.js';
import { resultLine } from '../../core/results/result-text.js';
import { OutputError } from '../../errors.js';
import { SampleCollector } from '../../core/results/sample.js';
import { sampleText } from '../../text/format.js';

/** Size in characters at which a group of lines is full, well below the longest string that V8 allows. */
export const FULL = 1 << 24;

/** Results that are written in one go: indexes `from` (inclusive) to `end` (exclusive). */
export interface ResultGroup {
  readonly from: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** The results as lines, in groups that are small enough for one write. Nearly always it is one group. */
export function* resultGroups(results: readonly EnrichmentResult[]): Generator<ResultGroup> {
  let lines: string[] = [];
  let length = 0;
  let from = 0;
  let end = 0;
  for (const result of results) {
    const line = resultLine(result);
    lines.push(line);
    length += line.length;
    end++;
    if (length < FULL) continue;
    yield { from, end, lines };
    lines = [];
    length = 0;
    from = end;
  }
  if (lines.length > 0) yield { from, end: results.length, lines };
}

/** Collects results of answered cases that are in no output: they are lost when this process ends. */
export class UnsavedResults {
  readonly #cases = new SampleCollector();

  add(results: readonly EnrichmentResult[]): void {
    for (const { status, attempts, caseId, index } of results) {
      if (status === 'enriched' || attempts > 0) this.#cases.add(caseId ?? `record ${index}`);
    }
  }

  /** The error of an output, with details about the unsaved results. */
  describe({ message, cause }: OutputError, hint?: string): OutputError {
    return new OutputError(message, { details: this.details, hint, cause });
  }

  /** Lines about the unsaved results for an error message; none when all are saved. */
  get details(): readonly string[] {
    const { count } = this.#cases;
    return count === 0 ? [] : [`${formatCount(count)} answered and not saved: ${sampleText(this.#cases)}`];
  }
}
