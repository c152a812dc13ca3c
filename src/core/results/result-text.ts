/** Results as text: lines of the journal, elements of the report, and what stands around them. */

import type { EnrichmentResult, PendingPlace } from '../case.js';
import type { RunInfo, Summary } from './run-info.js';

/**
 * The result on one line, without a line break at its end. Put together from the source texts: the enriched case is
 * not parsed and printed again.
 */
export function resultLine(result: EnrichmentResult): string {
  const enriched = result.enrichedCase === null ? 'null' : result.enrichedCase.text;
  return (
    `{"caseId":${JSON.stringify(result.caseId)},"status":"${result.status}","index":${result.index},` +
    `"enrichedCase":${enriched},"error":${result.error === null ? 'null' : JSON.stringify(result.error)},` +
    `"attempts":${result.attempts},"durationMs":${result.durationMs},"at":"${result.at}"${optionalMembers(result)}}`
  );
}

/** Where to ask for the answer of a case, as a line of the journal without a line break at its end. */
export function placeLine({ caseId, index, at, key, poll }: PendingPlace): string {
  return JSON.stringify({ caseId, status: 'pending', index, at, key, poll });
}

/** A JSON report as text where `summary` and `run` come after the results: one valid document, streamed. */
export class ReportText {
  #next = '{"schemaVersion":1,"results":[\n';

  /** The text of some more results, given as lines. */
  results(lines: readonly string[]): string {
    if (lines.length === 0) return '';
    const text = `${this.#next}${lines.join(',\n')}`;
    this.#next = ',\n';
    return text;
  }

  end(run: RunInfo, summary: Summary): string {
    const begin = this.#next === ',\n' ? '\n' : this.#next;
    return `${begin}],\n"summary":${JSON.stringify(summary)},\n"run":${JSON.stringify(run)}}\n`;
  }
}

/** The line that ends a journal, without a line break at its end. */
export function closingLine(run: RunInfo, summary: Summary): string {
  return JSON.stringify({ run, summary });
}

function optionalMembers(result: EnrichmentResult): string {
  let text = '';
  if (result.key !== undefined) text += `,"key":${JSON.stringify(result.key)}`;
  if (result.source !== undefined) text += `,"source":${JSON.stringify(result.source)}`;
  if (result.httpStatus !== undefined) text += `,"httpStatus":${result.httpStatus}`;
  if (result.tries !== undefined) text += `,"tries":${JSON.stringify(result.tries)}`;
  if (result.poll !== undefined) text += `,"poll":${JSON.stringify(result.poll)}`;
  if (result.shared) text += ',"shared":true';
  if (result.skipped) text += ',"skipped":true';
  if (result.refresh) text += ',"refresh":true';
  return text;
}
