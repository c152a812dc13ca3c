/** A result as text: one line of the journal, one element of the report. */

import type { EnrichmentResult } from './case.js';

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

function optionalMembers(result: EnrichmentResult): string {
  let text = '';
  if (result.key !== undefined) text += `,"key":${JSON.stringify(result.key)}`;
  if (result.source !== undefined) text += `,"source":${JSON.stringify(result.source)}`;
  if (result.tries !== undefined) text += `,"tries":${JSON.stringify(result.tries)}`;
  if (result.shared) text += ',"shared":true';
  return text;
}
