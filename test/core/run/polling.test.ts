/** Cases whose answer comes later: when they are asked about, what that costs, and what is kept of them. */

import { describe, expect, test } from 'vitest';
import type { AttemptContext, AttemptOutcome, EnrichmentClient } from '../../../src/core/ports.js';
import type { Case, PendingPlace } from '../../../src/core/case.js';
import { Pipeline, type PipelineOptions } from '../../../src/core/run/pipeline.js';
import { MOST_KEPT_TRIES } from '../../../src/core/run/tries.js';
import { FakeClock } from '../../helpers/clock.js';
import { sourceOf } from '../../helpers/source.js';
import { cases, DEFAULTS, http, OK } from '../../helpers/simulation.js';

const LATER: AttemptOutcome = { ok: true, text: 'null', httpStatus: 202, pending: { url: 'http://x/jobs/1' } };
const later = (pending: Partial<NonNullable<(typeof LATER & { ok: true })['pending']>> = {}): AttemptOutcome => ({
  ok: true,
  text: 'null',
  httpStatus: 202,
  pending: { url: 'http://x/jobs/1', ...pending },
});

interface Call {
  readonly id: string;
  readonly poll: string | undefined;
  readonly at: number;
  readonly deadline: boolean;
}

/** Answers the polls of each case in turn; the last answer stays. */
class JobEndpoint implements EnrichmentClient {
  readonly safeToRepeat = false;
  readonly endsAttempts = true;
  readonly calls: Call[] = [];
  inFlight = 0;
  mostInFlight = 0;
  readonly #clock: FakeClock;
  readonly #polls: (poll: number, call: Call) => AttemptOutcome;
  readonly #submit: AttemptOutcome;
  readonly #asked = new Map<string, number>();

  constructor(clock: FakeClock, polls: (poll: number, call: Call) => AttemptOutcome, submit: AttemptOutcome = LATER) {
    this.#clock = clock;
    this.#polls = polls;
    this.#submit = submit;
  }

  prepare({ id }: Case) {
    return { key: `key of ${id}`, request: null };
  }

  async enrich({ id }: Case, { poll, deadline }: AttemptContext): Promise<AttemptOutcome> {
    const call = { id, poll, at: this.#clock.now(), deadline };
    this.calls.push(call);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    await this.#clock.sleep(10);
    this.inFlight--;
    if (poll === undefined) return this.#submit;
    const number = this.#asked.get(id) ?? 0;
    this.#asked.set(id, number + 1);
    return this.#polls(number, call);
  }

  submits(id = 'c0'): number {
    return this.calls.filter((call) => call.id === id && call.poll === undefined).length;
  }
}

const inTurn =
  (...answers: AttemptOutcome[]) =>
  (poll: number): AttemptOutcome =>
    answers[Math.min(poll, answers.length - 1)] ?? OK;

interface Scene {
  readonly count?: number;
  readonly polls?: (poll: number, call: Call) => AttemptOutcome;
  readonly submit?: AttemptOutcome;
  readonly options?: Partial<PipelineOptions>;
  readonly during?: (pipeline: Pipeline, clock: FakeClock, endpoint: JobEndpoint) => void;
  readonly store?: (places: readonly PendingPlace[], endpoint: JobEndpoint, clock: FakeClock) => Promise<void> | void;
}

async function run({ count = 1, polls = inTurn(OK), submit, options, during, store }: Scene) {
  const clock = new FakeClock();
  const endpoint = new JobEndpoint(clock, polls, submit);
  const rules = { ...DEFAULTS.rules, poll: { intervalMs: 2_000, timeoutMs: 600_000 }, ...options?.rules };
  const all = { ...DEFAULTS, ...options, rules, keepsPlaces: store !== undefined };
  const pipeline = new Pipeline(sourceOf(cases(count)), endpoint, all, { clock, random: () => 0 });
  during?.(pipeline, clock, endpoint);
  const results = await clock.run(
    (async () => {
      const found = [];
      for await (const batch of pipeline) {
        if (pipeline.places.length > 0) await store?.(pipeline.places, endpoint, clock);
        found.push(...batch);
      }
      return found;
    })(),
  );
  return { results, endpoint, clock, pipeline };
}

describe('a pending case', () => {
  test('is asked about after the interval until its answer is there, and submitted once', async () => {
    const { results, endpoint, pipeline } = await run({ polls: inTurn(LATER, LATER, OK) });
    expect(endpoint.calls.map(({ poll, at }) => [poll, at])).toEqual([
      [undefined, 0],
      ['http://x/jobs/1', 2_010],
      ['http://x/jobs/1', 4_020],
      ['http://x/jobs/1', 6_030],
    ]);
    expect(results).toMatchObject([{ status: 'enriched', attempts: 4, durationMs: 6_040 }]);
    expect(results[0]?.tries?.map(({ outcome, waitFor }) => [outcome, waitFor])).toEqual([
      ['pending', undefined],
      ['pending', 'poll'],
      ['pending', 'poll'],
      ['ok', 'poll'],
    ]);
    expect(results[0]).not.toHaveProperty('poll');
    expect(pipeline.figures).toMatchObject({ attempts: 4, polls: 3, retries: 0, waitedMs: { poll: 6_000 } });
    expect(pipeline.figures.latency.count).toBe(4);
    expect(pipeline.figures.latency.percentile(1)).toBeLessThan(12);
  });

  test('holds no slot: with a limit of one the others are submitted meanwhile', async () => {
    const { endpoint, results } = await run({ count: 5, options: { throttle: { ...DEFAULTS.throttle, limit: 1 } } });
    expect(endpoint.calls.slice(0, 5).map(({ id, poll }) => [id, poll])).toEqual(
      [0, 1, 2, 3, 4].map((at) => [`c${at}`, undefined]),
    );
    expect([endpoint.mostInFlight, results.length]).toEqual([1, 5]);
  });

  test('waits as long as the endpoint asks for, and never less', async () => {
    const { endpoint } = await run({
      submit: later({ askedWaitMs: 30_000 }),
      polls: inTurn(later({ askedWaitMs: 1 }), OK),
    });
    expect(endpoint.calls.map(({ at }) => at)).toEqual([0, 30_010, 32_020]);
  });

  test('is asked about where the last answer says', async () => {
    const { endpoint } = await run({
      polls: inTurn(later({ url: 'http://x/jobs/2' }), later({ url: 'http://x/jobs/3' }), OK),
    });
    expect(endpoint.calls.map(({ poll }) => poll?.at(-1))).toEqual([undefined, '1', '2', '3']);
  });

  test('has its polls within the rate and the pause of the endpoint', async () => {
    const throttle = { ...DEFAULTS.throttle, intervalMs: 1_000 };
    const { endpoint, results } = await run({
      count: 20,
      polls: (poll, { id }) => (poll === 0 && id === 'c0' ? http(429, 5_000) : OK),
      options: { throttle },
    });
    const times = endpoint.calls.map(({ at }) => at).toSorted((one, other) => one - other);
    const gaps = times.slice(1).map((at, before) => at - (times[before] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(999);
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(5_000);
    expect(results.every(({ status }) => status === 'enriched')).toBe(true);
  });

  test('counts against --poll-limit, and not against the cases that are begun', async () => {
    const options = { pollLimit: 300, throttle: { ...DEFAULTS.throttle, limit: 2 } };
    let most = 0;
    const { results, pipeline } = await run({
      count: 700,
      options,
      polls: inTurn(LATER, LATER, LATER, OK),
      during: (running, clock) => {
        for (let at = 0; at < 3_000; at++) clock.setTimer(at * 10, () => (most = Math.max(most, running.pending)));
      },
    });
    expect([results.length, most, pipeline.pending]).toEqual([700, 300, 0]);
  });
});

test.each([{}, { url: '' }, { url: 7 }])(
  'a pending answer with %j for a place fails: nothing could be asked',
  async (pending) => {
    const { results, endpoint } = await run({ submit: later({ url: undefined, ...pending } as unknown as object) });
    expect(results).toMatchObject([
      { status: 'failed', error: { message: expect.stringContaining('no url to ask at') as string } },
    ]);
    expect(endpoint.calls).toHaveLength(1);
  },
);

describe('a poll that fails', () => {
  test('is repeated like any call, and the case is not submitted again', async () => {
    const { results, endpoint, pipeline } = await run({ polls: inTurn(LATER, http(500), http(500), OK) });
    expect([results[0]?.status, endpoint.submits(), pipeline.figures.retries]).toEqual(['enriched', 1, 2]);
  });

  test('has the retries of one call: a job that answers 500 three times is left, and its place is kept', async () => {
    const { results, endpoint } = await run({ polls: inTurn(http(500), http(500), http(500), OK) });
    expect(results).toMatchObject([
      { status: 'failed', error: { httpStatus: 500, retryable: true }, poll: 'http://x/jobs/1' },
    ]);
    expect(endpoint.calls).toHaveLength(4);
    const more = await run({
      polls: inTurn(http(500), http(500), http(500), OK),
      options: { rules: { ...DEFAULTS.rules, retries: 3 } },
    });
    expect(more.results).toMatchObject([{ status: 'enriched', attempts: 5 }]);
  });

  test('with 404 is too early when it is the first: it is repeated after the interval', async () => {
    const { results, endpoint } = await run({ polls: inTurn(http(404), http(404), LATER, OK) });
    expect(results).toMatchObject([{ status: 'enriched' }]);
    expect(endpoint.calls.map(({ at }) => at)).toEqual([0, 2_010, 4_020, 6_030, 8_040]);
  });

  test.each<[string, AttemptOutcome[], object]>([
    ['404 for good', [http(404)], { kind: 'http', httpStatus: 404 }],
    ['404 after it was known', [LATER, http(404)], { kind: 'http', httpStatus: 404 }],
    ['410', [http(410)], { kind: 'http', httpStatus: 410 }],
    ['422', [http(422)], { kind: 'http', httpStatus: 422 }],
  ])('with %s ends the case, and nothing is left to ask for', async (_what, answers, error) => {
    const { results } = await run({ polls: inTurn(...answers) });
    expect(results).toMatchObject([{ status: 'failed', error }]);
    expect(results[0]).not.toHaveProperty('poll');
  });

  test('with 401 leaves the job where it is', async () => {
    const { results } = await run({ polls: inTurn(http(401)) });
    expect(results).toMatchObject([{ status: 'failed', error: { httpStatus: 401 }, poll: 'http://x/jobs/1' }]);
  });
});

describe('the time', () => {
  test('of a polled case is that of --poll-timeout, and its end says what was seen', async () => {
    const rules = { ...DEFAULTS.rules, deadlineMs: 1_000, poll: { intervalMs: 2_000, timeoutMs: 60_000 } };
    const { results, clock } = await run({ polls: inTurn(later({ seen: '/state is "running"' })), options: { rules } });
    expect(results).toMatchObject([
      {
        status: 'failed',
        poll: 'http://x/jobs/1',
        error: {
          kind: 'timeout',
          phase: 'poll',
          retryable: true,
          message: 'no answer within 60s of polling, in 30 calls; last seen: /state is "running"',
        },
      },
    ]);
    expect(clock.now()).toBeLessThanOrEqual(60_000);
  });

  test('that the endpoint asks for and that does not fit ends the case at once', async () => {
    const { results, clock } = await run({ submit: later({ askedWaitMs: 3_600_000 }) });
    expect(results).toMatchObject([
      { status: 'failed', poll: 'http://x/jobs/1', error: { kind: 'timeout', phase: 'poll' } },
    ]);
    expect([clock.now(), results[0]?.error?.message]).toEqual([10, expect.stringMatching(/asks to wait 60m more/)]);
  });

  test('of the wall may step back: intervals are those of the steady clock', async () => {
    const { results } = await run({
      polls: inTurn(LATER, OK),
      during: (_pipeline, clock) => clock.setTimer(1_000, () => (clock.wallNow = () => 0)),
    });
    expect(results).toMatchObject([{ status: 'enriched', durationMs: 4_030 }]);
  });

  test('bounds what a result tells of its attempts', async () => {
    const answers = [...Array.from({ length: 2 * MOST_KEPT_TRIES }, () => LATER), OK];
    const rules = { ...DEFAULTS.rules, poll: { intervalMs: 1_000, timeoutMs: 1e9 } };
    const { results } = await run({ polls: inTurn(...answers), options: { rules } });
    expect(results[0]?.attempts).toBe(2 * MOST_KEPT_TRIES + 2);
    expect(results[0]?.tries).toHaveLength(MOST_KEPT_TRIES);
    expect(results[0]?.tries?.map(({ outcome }) => outcome).slice(-2)).toEqual(['pending', 'ok']);
  });
});

describe('the end of the run', () => {
  test.each(['stop', 'cancel'] as const)('by %s keeps the places of all that are pending', async (how) => {
    const { results, clock, pipeline } = await run({
      count: 200,
      polls: inTurn(LATER),
      during: (running, time) => time.setTimer(5_000, () => running[how]('signal')),
    });
    expect(results).toHaveLength(200);
    expect(results.every(({ status, poll }) => status === 'cancelled' && poll === 'http://x/jobs/1')).toBe(true);
    expect([clock.now() < 5_020, pipeline.pending]).toEqual([true, 0]);
  });

  test('while a case is submitted keeps where its answer will be', async () => {
    const { results, endpoint } = await run({
      during: (running, time) => time.setTimer(5, () => running.stop('signal')),
    });
    expect(results).toMatchObject([{ status: 'cancelled', poll: 'http://x/jobs/1', attempts: 1 }]);
    expect(endpoint.calls).toHaveLength(1);
  });

  test('by a rate limit cancels those that are pending, with their places', async () => {
    const { results } = await run({
      count: 3,
      polls: (_poll, { id }) => (id === 'c0' ? http(429, 3_600_000) : LATER),
    });
    expect(results.map(({ status }) => status)).toEqual(['failed', 'cancelled', 'cancelled']);
    expect(results.every(({ poll }) => poll === 'http://x/jobs/1')).toBe(true);
  });
});

describe('places', () => {
  test('are stored before the first poll, and again when they change', async () => {
    const stored: PendingPlace[] = [];
    const { endpoint, results } = await run({
      polls: inTurn(later({ url: 'http://x/jobs/2' }), later({ url: 'http://x/jobs/2' }), OK),
      store: async (places, { calls }, clock) => {
        expect(calls.some(({ poll }) => places.some((place) => place.poll === poll))).toBe(false);
        await clock.sleep(7_000);
        stored.push(...places);
      },
    });
    expect(stored.map(({ caseId, index, key, poll }) => [caseId, index, key, poll])).toEqual([
      ['c0', 0, 'key of c0', 'http://x/jobs/1'],
      ['c0', 0, 'key of c0', 'http://x/jobs/2'],
    ]);
    expect(endpoint.calls.map(({ at }) => at)).toEqual([0, 7_010, 14_020, 16_030]);
    expect(results).toMatchObject([{ status: 'enriched' }]);
  });

  test('that are not stored yet hold the slots of their calls: submits that nobody knows of are never more than the limit', async () => {
    let stored = 0;
    let most = 0;
    const { results } = await run({
      count: 100,
      options: { throttle: { ...DEFAULTS.throttle, limit: 4 }, holdSlots: true },
      store: async (places, endpoint, clock) => {
        await clock.sleep(500);
        most = Math.max(most, endpoint.calls.filter(({ poll }) => poll === undefined).length - stored);
        stored += places.length;
      },
    });
    expect([results.length, stored, most]).toEqual([100, 100, 4]);
  });

  test('of an earlier run are asked about at once, and nothing is submitted', async () => {
    const placeOf = (id: string, key: string | undefined): string | undefined =>
      id === 'c1' && key === 'key of c1' ? 'http://x/jobs/7' : undefined;
    const { results, endpoint } = await run({ count: 2, options: { placeOf } });
    expect([endpoint.submits('c0'), endpoint.submits('c1'), results.length]).toEqual([1, 0, 2]);
    expect(endpoint.calls.find(({ id }) => id === 'c1')).toMatchObject({ poll: 'http://x/jobs/7', at: 0 });
  });
});
