import { expect, test } from 'vitest';
import { Case, EnrichedCase, type EnrichmentResult } from '../../../src/core/case.js';
import { resultLine } from '../../../src/core/results/result-text.js';

test('a result line is the JSON of the result, with the source texts as they were', () => {
  const text = '{"id":12345678901234567890,"n":1.0,"a":1,"a":2,"enrichment":{"big":123456789012345678901}}';
  const result: EnrichmentResult = {
    caseId: '12345678901234567890',
    status: 'enriched',
    index: 3,
    enrichedCase: new EnrichedCase(text),
    error: null,
    attempts: 1,
    durationMs: 1.5,
    at: '2026-11-22T09:30:00.000Z',
    key: 'k',
    case: new Case('x', '{}'),
  };
  expect(resultLine(result)).toBe(
    `{"caseId":"12345678901234567890","status":"enriched","index":3,"enrichedCase":${text},"error":null,` +
      '"attempts":1,"durationMs":1.5,"at":"2026-11-22T09:30:00.000Z","key":"k"}',
  );
  expect(JSON.parse(resultLine({ ...result, caseId: 'a"\n\u2028<' }))).toMatchObject({ caseId: 'a"\n\u2028<' });
});
