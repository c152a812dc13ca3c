import { describe, expect, test } from 'vitest';
import type { AttemptOutcome, CredentialProvider, Token, TokenEvent } from '../../../src/core/ports.js';
import { TokenTrust } from '../../../src/core/flow/token-trust.js';
import type { FakeClock } from '../../helpers/clock.js';
import { seededRandom } from '../../helpers/random.js';
import { http, NEVER_STOP, OK, simulate, type Behaviour, type Call } from '../../helpers/simulation.js';

/** A desk that gives out `t1`, `t2` …, each of which ends after `lifeMs`; says when, unless `isSilent`. */
class Desk {
  readonly issuedAt: number[] = [];
  /** How the desk answers instead of giving a token. */
  refuses: (at: number) => Error | undefined = () => undefined;
  readonly #clock: FakeClock;
  readonly #lifeMs: number;
  readonly #isSilent: boolean;
  readonly #takesMs: number;

  constructor(clock: FakeClock, lifeMs: number, { isSilent = false, takesMs = 100 } = {}) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#isSilent = isSilent;
    this.#takesMs = takesMs;
  }

  /** The provider that asks this desk. */
  get provider(): CredentialProvider {
    return { current: () => this.#give() };
  }

  takes(token: string | undefined, at: number): boolean {
    const issued = this.issuedAt[Number(token?.slice(1)) - 1];
    return issued !== undefined && at < issued + this.#lifeMs;
  }

  async #give(): Promise<Token> {
    await this.#clock.sleep(this.#takesMs);
    const at = this.#clock.now();
    const refusal = this.refuses(at);
    if (refusal) throw refusal;
    this.issuedAt.push(at);
    const value = `t${this.issuedAt.length}`;
    return this.#isSilent ? { value } : { value, expiresAt: this.#clock.wallNow() + this.#lifeMs };
  }
}

function refusal(httpStatus = 401): AttemptOutcome {
  return { ...http(httpStatus), refusedToken: true };
}

interface Plan {
  readonly lifeMs: number;
  readonly isSilent?: boolean;
  readonly takesMs?: number;
  readonly limit?: number;
  readonly cases?: number;
  readonly callMs?: number;
  readonly maxOutageMs?: number | null;
  readonly refuses?: (at: number) => Error | undefined;
  /** True where the endpoint refuses whatever the token is. */
  readonly isForbidden?: (call: Call) => boolean;
}

async function run(plan: Plan) {
  let desk: Desk | undefined;
  const refused: Call[] = [];
  const events: TokenEvent[] = [];
  const behave: Behaviour = (call) => {
    const isTaken = desk?.takes(call.token, call.at) === true && plan.isForbidden?.(call) !== true;
    if (!isTaken) refused.push(call);
    return { afterMs: plan.callMs ?? 200, answer: isTaken ? OK : refusal() };
  };
  const simulation = await simulate({
    cases: plan.cases ?? 1_000,
    behave,
    credentials: (clock) => {
      desk = new Desk(clock, plan.lifeMs, plan);
      if (plan.refuses) desk.refuses = plan.refuses;
      return desk.provider;
    },
    options: {
      ...NEVER_STOP,
      throttle: { limit: plan.limit ?? 50, ...('maxOutageMs' in plan && { maxOutageMs: plan.maxOutageMs }) },
      watcher: { token: (event) => void events.push(event) },
    },
  });
  return { ...simulation, refused, events, issued: desk?.issuedAt.length ?? 0 };
}

describe('tokens that end', () => {
  test('the first one is got before the first call', async () => {
    const { endpoint, counts } = await run({ lifeMs: 3_600_000, cases: 10, takesMs: 700 });
    expect(counts).toEqual({ enriched: 10 });
    expect(endpoint.calls.map(({ at, token }) => `${at} ${token}`)).toEqual(Array.from({ length: 10 }, () => '700 t1'));
  });

  test('are renewed ahead of their end, so that no call is refused', async () => {
    const { counts, refused, issued, pipeline } = await run({ lifeMs: 20_000, cases: 30_000 });
    expect(counts).toEqual({ enriched: 30_000 });
    expect(refused).toEqual([]);
    // Two minutes, a token every 18 s.
    expect(issued).toBe(7);
    expect(pipeline.figures.attempts).toBe(30_000);
  });

  test('of which nobody says when they end are renewed once for all calls in flight, and cost no retry', async () => {
    const { counts, refused, issued, pipeline } = await run({ lifeMs: 20_000, isSilent: true, cases: 30_000 });
    expect(counts).toEqual({ enriched: 30_000 });
    expect(issued).toBe(7);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(50 * 6);
    expect(pipeline.figures).toMatchObject({ retries: 0, attempts: 30_000 + refused.length });
  });

  test('say in the tries of a case why it was called again', async () => {
    const { results } = await run({ lifeMs: 1_000, isSilent: true, cases: 60, limit: 10 });
    const again = results.filter(({ attempts }) => attempts > 1);
    expect(again).not.toEqual([]);
    for (const { tries = [] } of again) {
      expect(tries.map(({ outcome, waitFor }) => [outcome, waitFor])).toEqual([
        ['http 401', undefined],
        ['ok', 'token'],
      ]);
    }
  });

  test('a wait for a token is charged to no deadline', async () => {
    const refuses = (at: number) => (at > 5_000 && at < 65_000 ? new Error('asleep') : undefined);
    const cases = 5_000;
    const { counts, pipeline } = await run({ lifeMs: 5_000, isSilent: true, cases, refuses, maxOutageMs: null });
    expect(counts).toEqual({ enriched: cases });
    expect(pipeline.figures.waitedMs['token']).toBeGreaterThan(50_000);
  });
});

describe('a token that can not be had', () => {
  const asleep = () => new Error('the desk is asleep');

  test('ends the run after the longest outage: called cases failed and are worth another run, others were never called', async () => {
    const refuses = (at: number) => (at > 5_000 ? asleep() : undefined);
    const { pipeline, results, counts } = await run({ lifeMs: 5_000, isSilent: true, cases: 5_000, refuses });
    expect(pipeline.stoppedBy).toBe('auth');
    expect(pipeline.tokens?.problem).toBe('the desk is asleep');
    expect(counts['failed']).toBeGreaterThan(0);
    for (const { status, error, attempts } of results) {
      if (status === 'failed') expect(error).toMatchObject({ httpStatus: 401, retryable: true });
      if (status === 'cancelled') expect(attempts).toBe(0);
    }
  });

  test('before the first call ends the run at once where asking again can not help', async () => {
    const permanent = Object.assign(new Error('no such command'), { permanent: true });
    const { pipeline, results, events, clock } = await run({ lifeMs: 1, cases: 20, refuses: () => permanent });
    expect(pipeline.stoppedBy).toBe('auth');
    for (const { status, attempts } of results)
      expect({ status, attempts }).toEqual({ status: 'cancelled', attempts: 0 });
    expect(events).toEqual([{ got: false, message: 'no such command', againInMs: null, isAwaited: true }]);
    expect(clock.now()).toBe(100);
  });

  test('is asked for again after 1 s, doubling to 30 s', async () => {
    const refuses = (at: number) => (at < 70_000 ? asleep() : undefined);
    const { events, counts } = await run({ lifeMs: 3_600_000, cases: 10, refuses });
    expect(counts).toEqual({ enriched: 10 });
    const waits = events.flatMap((event) => (event.got ? [] : [event.againInMs]));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('with an outage limit of 0 ends the run at the first refusal of the provider', async () => {
    const { pipeline, events } = await run({ lifeMs: 1, cases: 5, refuses: asleep, maxOutageMs: 0 });
    expect(pipeline.stoppedBy).toBe('auth');
    expect(events).toHaveLength(1);
  });

  test('ahead of time is no matter while the last one is good', async () => {
    const refuses = (at: number) => (at > 3_000 && at < 58_000 ? asleep() : undefined);
    const { counts, refused, events } = await run({ lifeMs: 60_000, cases: 2_250, limit: 5, refuses });
    expect(counts).toEqual({ enriched: 2_250 });
    expect(events.filter((event) => !event.got).length).toBeGreaterThan(0);
    expect(refused).toEqual([]);
    expect(events.some((event) => !event.got && event.isAwaited)).toBe(false);
  });

  test('a provider that never answers ends the run too', async () => {
    const { pipeline, clock } = await run({ lifeMs: 1, cases: 5, takesMs: 10_000_000 });
    expect(pipeline.stoppedBy).toBe('auth');
    expect(clock.now()).toBe(120_000);
  });
});

describe('an endpoint that refuses', () => {
  test('one case in ten at random, one call at a time: no two of them in a row end the run', async () => {
    const random = seededRandom(7);
    const bad = new Set(Array.from({ length: 1_000 }, (_, at) => `c${at}`).filter(() => random() < 0.1));
    bad.delete('c0');
    const isForbidden = ({ id }: Call) => bad.has(id);
    const { pipeline, counts } = await run({ lifeMs: 36_000_000, cases: 1_000, limit: 1, callMs: 2_000, isForbidden });
    expect(pipeline.stoppedBy).toBeNull();
    expect(counts).toEqual({ enriched: 1_000 - bad.size, failed: bad.size });
  });

  test('some cases only: they fail alone, and one token a minute is asked for because of them', async () => {
    const isForbidden = ({ id }: Call) => Number(id.slice(1)) % 10 === 3;
    for (const limit of [1, 50]) {
      const cases = limit * 450;
      const { pipeline, counts, issued, clock } = await run({ lifeMs: 36_000_000, cases, limit, isForbidden });
      expect(pipeline.stoppedBy).toBeNull();
      expect(counts).toEqual({ enriched: cases * 0.9, failed: cases * 0.1 });
      expect(issued).toBeLessThanOrEqual(2 + clock.now() / TokenTrust.NEEDLESS_FOR_MS);
    }
  });

  test('every token from the start: the run ends after two refusals of a new one', async () => {
    const { pipeline, endpoint, issued, results } = await run({ lifeMs: 3_600_000, isForbidden: () => true });
    expect(pipeline.stoppedBy).toBe('auth');
    expect(pipeline.tokens?.problem).toBe('the endpoint refuses the new token too');
    expect(issued).toBe(2);
    expect(endpoint.calls.length).toBe(50 + 2);
    for (const { status, error } of results) if (status === 'failed') expect(error?.retryable).toBe(true);
  });

  test('every token from some moment on: the same, after no more calls than were in flight', async () => {
    const { pipeline, refused, counts } = await run({ lifeMs: 3_600_000, isForbidden: ({ at }) => at > 2_000 });
    expect(pipeline.stoppedBy).toBe('auth');
    expect(refused.length).toBeLessThanOrEqual(50 + TokenTrust.MOST_REFUSALS_LATER);
    expect(counts['enriched']).toBeGreaterThan(0);
  });

  test('a token whose provider has no other one: it is used again where it is good for others', async () => {
    const isForbidden = ({ id }: Call) => id === 'c300';
    const { pipeline, counts } = await simulate({
      cases: 1_000,
      behave: (call) => ({ afterMs: 200, answer: isForbidden(call) ? refusal() : OK }),
      credentials: () => ({ current: () => ({ value: 'the only one' }) }),
      options: { ...NEVER_STOP, throttle: { limit: 50 } },
    });
    expect(pipeline.stoppedBy).toBeNull();
    expect(counts).toEqual({ enriched: 999, failed: 1 });
  });

  test('a call is told from one with an older token: that one is made again with the newer, which stays', async () => {
    // Half of the calls take so long that two tokens have come by the time they are refused.
    const { counts, issued } = await run({ lifeMs: 4_000, isSilent: true, cases: 2_000, callMs: 900 });
    expect(counts).toEqual({ enriched: 2_000 });
    expect(issued).toBeLessThanOrEqual(12);
  });
});

test('Ctrl-C while calls wait for a token ends the run at once', async () => {
  const { results, clock } = await simulate({
    cases: 20,
    behave: () => ({ afterMs: 10, answer: OK }),
    credentials: () => ({ current: () => new Promise(() => {}) }),
    plan: (pipeline, time) => void time.setTimer(500, () => pipeline.stop('signal')),
  });
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['cancelled']));
  expect(clock.now()).toBe(500);
  expect(clock.timers).toBe(0);
});
