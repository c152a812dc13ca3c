import { expect, test } from 'vitest';
import { EnrichedCase } from '../../../src/core/case.js';
import { LatencyHistogram } from '../../../src/core/results/latency.js';
import { Tally } from '../../../src/core/results/tally.js';
import { http } from '../../helpers/simulation.js';

test('the tally sums the four statuses and counts failures by kind', () => {
  const tally = new Tally();
  const facts = { index: 0, attempts: 1, durationMs: 1, at: '' };
  tally.add({ ...facts, caseId: 'a', status: 'enriched', enrichedCase: new EnrichedCase('{}'), error: null });
  tally.add({ ...facts, caseId: 'b', status: 'failed', enrichedCase: null, error: http(404).failure });
  tally.addResumed('enriched');
  const summary = tally.summary(
    {
      attempts: 2,
      retries: 0,
      retriesDenied: 0,
      latency: new LatencyHistogram(),
      maxInFlight: 1,
      limit: { configured: 10, settled: 10 },
      waitedMs: {},
      pauses: { count: 0, ms: 0 },
      outages: { count: 0, ms: 0 },
      retryAt: null,
    },
    1_000,
  );
  expect(summary).toMatchObject({ total: 3, enriched: 2, failed: 1, invalid: 0, cancelled: 0, resumed: 1 });
  expect(summary).toMatchObject({ failuresByKind: { http: 1 }, casesPerSecond: 2, latencyMs: null });
});
