import type { EnrichmentResult } from '../../core/case.js';
import { formatCount } from '../../text/format.js';
import { resultLine } from '../../core/results/result-text.js';
import { OutputError } from '../../errors.js';
import { SampleCollector } from '../../core/results/sample.js';
import { sampleText } from '../../text/format.js';

/** Characters after which a group of lines is full, so that no text becomes longer than a string can be. */
const FULL = 1 << 24;

/** Results that are written at once: those from `from` up to, not including, `end`. */
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

/** Collects the results that are known to nobody but this process, of cases that the endpoint has answered. */
export class UnsavedResults {
  readonly #cases = new SampleCollector();

  add(results: readonly EnrichmentResult[]): void {
    for (const { status, attempts, caseId, index } of results) {
      if (status === 'enriched' || attempts > 0) this.#cases.add(caseId ?? `record ${index}`);
    }
  }

  /** The error of an output, with what it says about them. */
  describe({ message, cause }: OutputError, hint?: string): OutputError {
    return new OutputError(message, { details: this.details, hint, cause });
  }

  /** What an error message says about them; nothing when there are none. */
  get details(): readonly string[] {
    const { count } = this.#cases;
    return count === 0 ? [] : [`${formatCount(count)} answered and not saved: ${sampleText(this.#cases)}`];
  }
}
