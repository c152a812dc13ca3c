import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInstant } from '../../../src/core/results/bounds.js';
import { SavedTally } from '../../../src/core/merge/saved-tally.js';
import { Tally } from '../../../src/core/results/tally.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';
import { http, network, OK, simulate } from '../../helpers/simulation.js';

const ANSWERS = [OK, http(500), http(503), http(500, 300), http(503, 400), http(403, 200), http(429), http(429, 500)];

describe('retries', () => {
  test('that were planned and never made are not counted', async () => {
    const { pipeline } = await simulate({
      cases: 3,
      behave: () => ({ afterMs: 10, answer: http(503) }),
      options: { rules: { backoffMs: 1e7, maxBackoffMs: 1e7, deadlineMs: 1e9 } },
      plan: (run, clock) => void clock.setTimer(100, () => run.stop('signal')),
    });
    expect(pipeline.figures).toMatchObject({ attempts: 3, retries: 0 });
  });

  test('and attempts counted from the results are those that the run has counted, under any answers and stops', async () => {
    const scenario = fc.record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      answers: fc.array(fc.constantFrom(...ANSWERS, network('ECONNRESET')), { minLength: 1, maxLength: 6 }),
      stopAfterMs: fc.integer({ min: 1, max: 3_000 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, answers, stopAfterMs }) => {
        const { pipeline, results } = await simulate({
          cases: 30,
          seed,
          behave: (_, random) => ({
            afterMs: 1 + Math.floor(random() * 50),
            answer: answers[Math.floor(random() * answers.length)] ?? OK,
          }),
          options: { stop: { maxFailures: 'none' }, throttle: { limit: 5 } },
          plan: (run, clock) => void clock.setTimer(stopAfterMs, () => run.stop('signal')),
        });
        const tally = new SavedTally([]);
        for (const result of results) tally.add(saved(result));
        const { attempts, retries } = pipeline.figures;
        expect(tally.summary(1)).toMatchObject({ attempts, retries });
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});

test('a later run without any call changes no figure of the run before', () => {
  const counts = { total: 2, enriched: 1, failed: 1, failuresByKind: { http: 1 } };
  const first = summary({ ...counts, attempts: 100, retries: 94, maxInFlight: 7 });
  const later = summary({ ...counts, resumed: 1 });
  const tally = new SavedTally([first, later].map((one) => ({ file: 'run.ndjson', run: runInfo(), summary: one })));
  tally.add(saved(enriched('1')));
  tally.add(saved(unenriched('2')));
  expect(tally.summary(1)).toEqual(first);
});

test('an endpoint that asks to come back in ten thousand years leaves a journal that can be read', async () => {
  const { pipeline } = await simulate({ cases: 1, behave: () => ({ afterMs: 1, answer: http(429, 3e14) }) });
  const { retryAt } = new Tally().summary(pipeline.figures, 1);
  expect([retryAt, isInstant(retryAt)]).toEqual(['2199-12-31T23:59:59.999Z', true]);
});
