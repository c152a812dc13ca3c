import { describe, expect, test } from 'vitest';
import type { Case, Entry } from '../../../src/core/case.js';
import type { AttemptFailure, BatchPort, OutageEvent } from '../../../src/core/ports.js';
import { Pipeline } from '../../../src/core/run/pipeline.js';
import { FakeClock } from '../../helpers/clock.js';
import { seededRandom } from '../../helpers/random.js';
import { sourceOf } from '../../helpers/source.js';
import {
  type Behaviour,
  caseEntry,
  cases,
  collect,
  DEFAULTS,
  http,
  network,
  NEVER_STOP,
  OK,
  type Overrides,
  simulate,
  SimulatedEndpoint,
  type Simulation,
} from '../../helpers/simulation.js';

const REFUSED = network('ECONNREFUSED');
const HANGING: AttemptFailure = {
  ok: false,
  failure: { kind: 'timeout', phase: 'connect', message: 'no connection within 5s', retryable: true },
};
const DOWN_AT = 2_000;

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
        cases: 6_000,
        behave: downFor(seconds * 1_000, how, failAfterMs),
        options: { ...fifty, rules: { retries: 0 } },
      });
      expect(run.counts).toEqual({ enriched: 6_000 });
      expect(callsBetween(run, DOWN_AT, DOWN_AT + seconds * 1_000)).toBeLessThanOrEqual(LIMIT + 20 + 8);
      expect(run.pipeline.stoppedBy).toBeNull();
      expect(run.pipeline.figures).toMatchObject({ retries: 0, outages: { count: 1 } });
    }
  });
});

describe('what happens while it is down', () => {
  /** Calls that take 250 ms: five minutes of them are 60,000. */
  const slow =
    (behave: Behaviour): Behaviour =>
    (call, random) => {
      const { afterMs, answer } = behave(call, random);
      return { afterMs: answer.ok ? 250 : afterMs, answer };
    };
  const down = { ...fifty, rules: { retries: 0 } } satisfies Overrides;

  test('a run of five minutes with 60 s of it down: nothing fails, few calls, little time lost', async () => {
    const up = await simulate({ cases: 60_000, behave: slow(() => ({ afterMs: 50, answer: OK })), options: down });
    const run = await simulate({ cases: 60_000, behave: slow(downFor(60_000)), options: down });
    expect(run.counts).toEqual({ enriched: 60_000 });
    expect(callsBetween(run, DOWN_AT, DOWN_AT + 60_000)).toBeLessThanOrEqual(LIMIT + 20 + 8);
    expect(run.clock.now() - up.clock.now() - 60_000).toBeLessThan(31_000);
    expect(run.pipeline.figures.waitedMs['outage']).toBeGreaterThan(0);
  });

  test('down for three minutes: the run stops; what was called has failed and is worth another run', async () => {
    const run = await simulate({ cases: 6_000, behave: downFor(180_000), options: down });
    expect(run.pipeline.stoppedBy).toBe('outage');
    expect(run.pipeline.lastingOutage).toMatchObject({ change: 'given-up', nextTryMs: null });
    const failed = run.results.filter(({ status }) => status === 'failed');
    expect(failed.length).toBeGreaterThanOrEqual(20);
    expect(failed.every(({ error, attempts }) => error?.retryable === true && attempts > 0)).toBe(true);
    expect(run.results.filter(({ status }) => status === 'cancelled').every(({ attempts }) => attempts === 0)).toBe(
      true,
    );
    expect(run.clock.now() - DOWN_AT).toBeLessThan(121_000);
    expect(callsBetween(run, DOWN_AT, DOWN_AT + 180_000)).toBeLessThanOrEqual(LIMIT + 20 + 12);
  });

  test('with --max-outage none it is waited for, with 0s every failure stands', async () => {
    const options = (maxOutageMs: number | null): Overrides => ({
      ...NEVER_STOP,
      rules: { retries: 0 },
      throttle: { limit: LIMIT, maxOutageMs },
    });
    const patient = await simulate({ cases: 6_000, behave: downFor(600_000), options: options(null) });
    expect(patient.counts).toEqual({ enriched: 6_000 });
    const hasty = await simulate({ cases: 6_000, behave: downFor(5_000), options: options(0) });
    expect(hasty.counts['failed']).toBeGreaterThan(3_000);
    expect(hasty.pipeline.figures.outages.count).toBe(0);
  });

  test('the tries of a case say what it waited for, and no deadline is charged', async () => {
    const run = await simulate({
      cases: 6_000,
      behave: downFor(60_000),
      options: { ...fifty, rules: { retries: 0, deadlineMs: 6_000 } },
    });
    expect(run.counts).toEqual({ enriched: 6_000 });
    const again = run.results.filter(({ tries }) => tries !== undefined);
    expect(again.length).toBeGreaterThan(20);
    for (const { tries = [] } of again) expect(tries.at(-1)).toMatchObject({ outcome: 'ok', waitFor: 'outage' });
  });

  test('a probe that hangs until its timeout has failed, and no second one goes out meanwhile', async () => {
    const hangs: Behaviour = ({ at }) =>
      at >= DOWN_AT && at < DOWN_AT + 40_000 ? { afterMs: 5_000, answer: HANGING } : { afterMs: 50, answer: OK };
    const run = await simulate({ cases: 6_000, behave: hangs, options: { ...down, rules: { deadlineMs: 7_000 } } });
    expect(run.counts).toEqual({ enriched: 6_000 });
    const probes = run.endpoint.calls.filter(({ at }) => at > DOWN_AT + 6_000 && at < DOWN_AT + 40_000);
    expect(probes.every(({ inFlight }) => inFlight === 1)).toBe(true);
    expect(probes.length).toBeGreaterThan(1);
  });

  test.each([
    ['--retries 0', {}],
    ['fail-fast', { stop: { failFast: true } }],
    ['--max-failures 1', { stop: { maxFailures: { count: 1 } } }],
    ['a rate', { throttle: { limit: LIMIT, intervalMs: 2 } }],
    ['--adaptive', { throttle: { limit: LIMIT, adaptive: true } }],
    ['input order', { order: 'input' }],
    ['one call at a time', { throttle: { limit: 1 } }],
  ] as [string, Overrides][])('with %s it costs no case either', async (_, options) => {
    const count = options.throttle?.limit === 1 ? 1_000 : 6_000;
    const run = await simulate({
      cases: count,
      behave: downFor(20_000),
      options: { ...options, throttle: { limit: LIMIT, ...options.throttle }, rules: { retries: 0 } },
    });
    expect(run.counts).toEqual({ enriched: count });
    expect(run.pipeline.figures.outages.count).toBe(1);
  });

  test('an endpoint that comes and goes costs time and no case', async () => {
    const flapping: Behaviour = ({ at }) =>
      at % 4_000 < 2_000 ? { afterMs: 50, answer: OK } : { afterMs: 2, answer: REFUSED };
    const run = await simulate({ cases: 6_000, behave: flapping, options: down });
    expect(run.counts).toEqual({ enriched: 6_000 });
    expect(run.pipeline.figures.outages.count).toBeGreaterThan(1);
  });

  test.each([10, 50, 200])('when half of the hosts are down that is no outage (limit %i)', async (limit) => {
    const half: Behaviour = (_, random) =>
      random() < 0.5 ? { afterMs: 2, answer: REFUSED } : { afterMs: 40 + 20 * random(), answer: OK };
    const run = await simulate({
      cases: 6_000,
      behave: half,
      options: { ...NEVER_STOP, throttle: { limit }, rules: { retries: 0 } },
    });
    expect(run.pipeline.figures.outages.count).toBe(0);
    expect(run.counts['failed']).toBeGreaterThan(2_500);
  });

  test('the server that stops takes no call: quick refusals among the last slow answers', async () => {
    const last: Behaviour = ({ at }, random) =>
      at >= DOWN_AT && at < DOWN_AT + 5_000
        ? { afterMs: 1 + random(), answer: REFUSED }
        : { afterMs: 20 + 200 * random(), answer: OK };
    const run = await simulate({ cases: 6_000, behave: last, options: down });
    expect(run.counts).toEqual({ enriched: 6_000 });
    expect(callsBetween(run, DOWN_AT, DOWN_AT + 5_000)).toBeLessThanOrEqual(LIMIT + 20 + 8);
  });
});

describe('a row that is not decided never hangs', () => {
  const dies =
    (from: number): Behaviour =>
    ({ at }) =>
      at < from ? { afterMs: 50, answer: OK } : { afterMs: 2, answer: REFUSED };

  test('fewer than 20 cases left: their failures are ordinary ones', async () => {
    const run = await simulate({ cases: 1_000, behave: dies(960), options: { ...fifty, rules: { retries: 0 } } });
    expect(run.pipeline.stoppedBy).toBeNull();
    expect(run.counts['failed']).toBeUndefined();
    const few = await simulate({
      cases: 15,
      behave: (call) => dies(call.id < 'c11' ? 1e9 : 0)(call, () => 0),
      options: { throttle: { limit: 2 }, rules: { retries: 0 } },
    });
    expect(few.counts['failed']).toBeGreaterThan(0);
    expect(few.pipeline.figures.outages.count).toBe(0);
  });

  test('with more cases to come, but not now, they stand after a second', async () => {
    async function* slowly(): AsyncGenerator<Entry[]> {
      yield [caseEntry(0)];
      yield [caseEntry(1)];
      await new Promise<void>((resolve) => (release = resolve));
    }
    let release = (): void => {};
    const run = await simulate({
      source: slowly(),
      behave: ({ id }) => ({ afterMs: 10, answer: id === 'c0' ? OK : REFUSED }),
      options: { throttle: { limit: 1 }, rules: { retries: 0 } },
      plan: (_, fake) => void fake.setTimer(60_000, () => release()),
    });
    const laterMs = Date.parse(run.results[1]?.at ?? '') - Date.parse(run.results[0]?.at ?? '');
    expect(run.counts).toEqual({ enriched: 1, failed: 1 });
    expect(laterMs).toBeGreaterThanOrEqual(1_000);
    expect(laterMs).toBeLessThan(2_000);
  });

  test.each([
    ['Ctrl-C', 'signal', 'stop'],
    ['--max-time', 'max-time', 'cancel'],
  ] as const)('%s while it is down ends the run at once', async (_, reason, end) => {
    const plan = (pipeline: Pipeline, clock: FakeClock): void => {
      clock.setTimer(20_000, () => pipeline[end](reason));
    };
    const run = await simulate({ cases: 6_000, behave: dies(DOWN_AT), options: fifty, plan });
    expect(run.pipeline.stoppedBy).toBe(reason);
    expect(run.clock.now()).toBeLessThan(25_100);
    expect(run.results).toHaveLength(run.pipeline.pulled);
    expect(run.counts['failed']).toBeUndefined();
  });

  test('without an earlier success nothing is waited for', async () => {
    const run = await simulate({ cases: 1_000, behave: dies(0), options: fifty });
    expect(run.pipeline.stoppedBy).toBe('all-failing');
    expect(run.pipeline.figures.outages.count).toBe(0);
  });
});

describe('POST without --retry-unsafe', () => {
  const unsent: AttemptFailure = { ...REFUSED, unsent: true };

  test('is made again where nothing was sent', async () => {
    const run = await simulate({
      cases: 6_000,
      behave: downFor(20_000, unsent),
      options: { ...fifty, rules: { retries: 0 } },
      safeToRepeat: false,
    });
    expect(run.counts).toEqual({ enriched: 6_000 });
  });

  test('is not made again after a 503, and the rest waits all the same', async () => {
    const run = await simulate({
      cases: 6_000,
      behave: downFor(20_000, http(503)),
      options: fifty,
      safeToRepeat: false,
    });
    expect(run.counts['failed']).toBeLessThanOrEqual(LIMIT + 20 + 8);
    expect(
      run.results.filter(({ status }) => status === 'failed').every(({ error }) => error?.notRetried === 'unsafe'),
    ).toBe(true);
    expect(run.endpoint.calls.every(({ attempt }) => attempt === 1)).toBe(true);
  });
});

describe('several cases in one call', () => {
  test('equal requests that share a call wait with it', async () => {
    const clock = new FakeClock();
    const endpoint = new SimulatedEndpoint(clock, downFor(20_000));
    const client = Object.assign(endpoint, {
      prepare: ({ id }: Case) => ({ key: id, request: id, shareKey: `/${Number(id.slice(1)) % 3_000}` }),
    });
    const options = { ...DEFAULTS, ...fifty, throttle: { ...DEFAULTS.throttle, limit: LIMIT }, shareRequests: true };
    const world = { clock, random: seededRandom(1) };
    const results = await clock.run(collect(new Pipeline(sourceOf(cases(6_000)), client, options, world)));
    expect(results.filter(({ status }) => status === 'enriched')).toHaveLength(6_000);
    expect(results.some(({ shared }) => shared)).toBe(true);
  });

  test('a batch is one call: it waits as a whole', async () => {
    const clock = new FakeClock();
    const endpoint = new SimulatedEndpoint(clock, downFor(20_000, http(502)));
    const batch: BatchPort = {
      size: 10,
      combine: (requests) => requests,
      split: (_, ids) => ids.map(() => OK),
    };
    const throttle = { ...DEFAULTS.throttle, limit: 5 };
    const options = { ...DEFAULTS, throttle, rules: { ...DEFAULTS.rules, retries: 0 } };
    const world = { clock, random: seededRandom(1) };
    const pipeline = new Pipeline(sourceOf(cases(6_000)), Object.assign(endpoint, { batch }), options, world);
    const results = await clock.run(collect(pipeline));
    expect(results.filter(({ status }) => status === 'enriched')).toHaveLength(6_000);
    expect(pipeline.figures.outages.count).toBe(1);
  });
});

describe('the return', () => {
  test('one stalled call does not hold up the others', async () => {
    const paused: Behaviour = ({ id, attempt }) => {
      if (id !== 'c100') return { afterMs: 20, answer: OK };
      return attempt === 1 ? { afterMs: 10, answer: http(429, 2_000) } : { afterMs: 5_000, answer: OK };
    };
    const { endpoint } = await simulate({ cases: 400, behave: paused, options: { throttle: { limit: 32 } } });
    const after = endpoint.calls.filter(({ at }) => at >= 2_000);
    const from = after[0]?.at ?? 0;
    expect(after.filter(({ at }) => at <= from + 249)).toHaveLength(1);
    expect(after.filter(({ at }) => at <= from + 1_500).length).toBeGreaterThan(200);
  });

  test('nor does one that stalls since before the pause', async () => {
    const paused: Behaviour = ({ id, attempt }) => {
      if (id === 'c101') return { afterMs: 5_000, answer: OK };
      return { afterMs: 20, answer: id === 'c100' && attempt === 1 ? http(429, 1_000) : OK };
    };
    const { endpoint } = await simulate({ cases: 400, behave: paused, options: { throttle: { limit: 32 } } });
    expect(endpoint.calls.every(({ at }) => at < 3_000)).toBe(true);
  });

  test('watchers hear when it began, of each try, and of its end', async () => {
    const told: OutageEvent[] = [];
    await simulate({
      cases: 6_000,
      behave: downFor(6_000),
      options: { ...fifty, watcher: { outage: (event) => void told.push(event) } },
    });
    expect(told.map(({ change }) => change)).toEqual(['began', 'tried', 'tried', 'ended']);
    expect(told.every(({ sinceMs }) => sinceMs === told[0]?.sinceMs)).toBe(true);
    expect(told[0]?.nextTryMs).toBeGreaterThanOrEqual(800);
    expect(told[2]).toMatchObject({ tries: 2 });
  });
});

test("a probe that a client of one's own ends as cancelled is followed by another", async () => {
  const left: AttemptFailure = { ok: false, failure: { kind: 'cancelled', message: 'left', retryable: true } };
  let probes = 0;
  const run = await simulate({
    cases: 300,
    behave: ({ at }) => {
      if (at < DOWN_AT) return { afterMs: 200, answer: OK };
      if (at < DOWN_AT + 300) return { afterMs: 2, answer: REFUSED };
      return { afterMs: 2, answer: probes++ === 0 ? left : OK };
    },
  });
  expect(run.counts).toEqual({ enriched: 299, cancelled: 1 });
  expect(run.pipeline.figures.outages.count).toBe(1);
});
