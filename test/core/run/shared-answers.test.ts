import { describe, expect, test } from 'vitest';
import type { Case } from '../../../src/core/case.js';
import { Pipeline } from '../../../src/core/run/pipeline.js';
import { MOST_ANSWERS, SharedAnswers } from '../../../src/core/run/shared-answers.js';
import type { CaseRun } from '../../../src/core/run/case-run.js';
import { FakeClock } from '../../helpers/clock.js';
import { sourceOf } from '../../helpers/source.js';
import { type Behaviour, cases, collect, DEFAULTS, http, OK, SimulatedEndpoint } from '../../helpers/simulation.js';

/** Cases share the request of their number modulo `customers`. */
async function run(count: number, customers: number, behave: Behaviour) {
  const clock = new FakeClock();
  const endpoint = new SimulatedEndpoint(clock, behave);
  const prepare = ({ id }: Case) => ({ key: id, request: null, shareKey: String(Number(id.slice(1)) % customers) });
  const client = Object.assign(endpoint, { prepare });
  const options = { ...DEFAULTS, shareRequests: true, stop: { maxFailures: 'none' as const } };
  const pipeline = new Pipeline(sourceOf(cases(count)), client, options, { clock, random: () => 0.5 });
  const results = await clock.run(collect(pipeline));
  return { results, endpoint };
}

describe('equal requests', () => {
  test('are made once, and every case gets the answer', async () => {
    const { results, endpoint } = await run(1_000, 7, () => ({ afterMs: 20, answer: OK }));
    expect(endpoint.calls).toHaveLength(7);
    expect(results).toHaveLength(1_000);
    expect(results.every((result) => result.status === 'enriched')).toBe(true);
    const shared = results.filter((result) => result.shared);
    expect(shared).toHaveLength(993);
    expect(shared.every((result) => result.attempts === 0)).toBe(true);
    expect(new Set(results.map((result) => result.enrichedCase?.text)).size).toBe(1_000);
  });

  test('share a failure with those that wait for it, and no longer', async () => {
    const { results, endpoint } = await run(300, 1, (call) => ({
      afterMs: 20,
      answer: endpoint0(call.at),
    }));
    expect(results.filter((result) => result.status === 'failed').length).toBeGreaterThan(1);
    expect(results.filter((result) => result.status === 'enriched').length).toBeGreaterThan(1);
    expect(endpoint.calls).toHaveLength(2);
  });
  const endpoint0 = (at: number) => (at === 0 ? http(404) : OK);
});

test('the memory of answers is bounded, the least recently used going first', () => {
  const shared = new SharedAnswers();
  const nobody = {} as CaseRun;
  for (let key = 0; key <= MOST_ANSWERS; key++) {
    shared.ask(String(key), nobody);
    shared.ended(String(key), { status: 'enriched', answer: 'null' });
    shared.ask('0', nobody);
  }
  expect(shared.ask('0', nobody)).toEqual({ do: 'answer', answer: { status: 'enriched', answer: 'null' } });
  expect(shared.ask('1', nobody)).toEqual({ do: 'call' });
});
