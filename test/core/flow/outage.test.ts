import { describe, expect, test } from 'vitest';
import type { AttemptFailure } from '../../../src/core/ports.js';
import type { PipelineOptions } from '../../../src/core/run/pipeline.js';
import {
  type Behaviour,
  http,
  network,
  OK,
  type Overrides,
  simulate,
  type Simulation,
} from '../../helpers/simulation.js';

const REFUSED = network('ECONNREFUSED');
const HANGING: AttemptFailure = {
  ok: false,
  failure: { kind: 'timeout', phase: 'connect', message: 'no connection within 5s', retryable: true },
};
const DOWN_AT = 10_000;

/** An endpoint that answers after 50 ms, and is down between two times. */
function downFor(ms: number, how: AttemptFailure = REFUSED, failAfterMs = 2): Behaviour {
  return ({ at }) => {
    if (at < DOWN_AT || at >= DOWN_AT + ms) return { afterMs: 50, answer: OK };
    return { afterMs: failAfterMs, answer: how };
  };
}

const LIMIT = 50;
const fifty = { throttle: { limit: LIMIT } } satisfies Overrides;

function callsBetween({ endpoint }: Simulation, from: number, to: number): number {
  return endpoint.calls.filter(({ at }) => at >= from && at < to).length;
}

describe('an endpoint that is down for less than --max-outage costs no case', () => {
  test.each([
    ['refused', REFUSED, 2],
    ['503', http(503), 5],
    ['hanging connects', HANGING, 5_000],
  ])('%s', async (_, how, failAfterMs) => {
    for (const seconds of [5, 60, 119]) {
      const run = await simulate({
        cases: 20_000,
        behave: downFor(seconds * 1_000, how, failAfterMs),
        options: { ...fifty, rules: { retries: 0 } },
      });
      expect(run.counts).toEqual({ enriched: 20_000 });
      expect(callsBetween(run, DOWN_AT, DOWN_AT + seconds * 1_000)).toBeLessThanOrEqual(LIMIT + 20 + 8);
      expect(run.pipeline.stoppedBy).toBeNull();
      expect(run.pipeline.figures).toMatchObject({ retries: 0, outages: { count: 1 } });
    }
  });
});
