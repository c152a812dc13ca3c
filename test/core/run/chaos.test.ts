/** Any mixture of faults, waits and stops comes to an end: each case has one result, and no timer is left. */

import { expect, test } from 'vitest';
import { Case, type EnrichmentResult, type Entry } from '../../../src/core/case.js';
import type {
  AttemptContext,
  AttemptOutcome,
  BatchPort,
  Clock,
  CredentialProvider,
  EnrichmentClient,
  Prepared,
  Timer,
  Token,
} from '../../../src/core/ports.js';
import { Pipeline, type PipelineOptions } from '../../../src/core/run/pipeline.js';
import type { StopReason } from '../../../src/core/results/stop-reason.js';
import { FakeClock } from '../../helpers/clock.js';
import { seededRandom } from '../../helpers/random.js';
import { caseEntry, DEFAULTS, http, invalidEntry, network, OK } from '../../helpers/simulation.js';
import { sourceOf } from '../../helpers/source.js';

const SEEDS = Number(process.env['CHAOS'] ?? 300);
const FIRST_SEED = Number(process.env['CHAOS_FROM'] ?? 1);
/** More than this, and something is called for ever. */
const MOST_CALLS = 60_000;

type Random = () => number;

function pick<T>(random: Random, ...values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

const CONNECT: AttemptOutcome = {
  ok: false,
  failure: { kind: 'timeout', phase: 'connect', message: 'no connection', retryable: true },
  unsent: true,
};
const STALL: AttemptOutcome = {
  ok: false,
  failure: { kind: 'timeout', phase: 'response', message: 'no answer', retryable: true },
};
const NOT_JSON: AttemptOutcome = { ok: false, failure: { kind: 'response', message: 'not JSON', retryable: false } };
const LEFT: AttemptOutcome = { ok: false, failure: { kind: 'cancelled', message: 'left', retryable: true } };

/** What the endpoint does in one stretch of time. */
type Mood = (random: Random, isPoll: boolean) => AttemptOutcome;

const MOODS: readonly Mood[] = [
  () => OK,
  () => OK,
  () => http(503),
  () => network('ECONNREFUSED'),
  () => CONNECT,
  (random) => pick(random, http(503), OK),
  (random) => pick(random, http(429), OK),
  (random) => http(429, 100 + 5_000 * random()),
  (random) => http(503, 100 + 5_000 * random()),
  (random) => pick(random, http(404), http(400), http(422), OK, NOT_JSON),
  () => ({ ...http(401), refusedToken: true }),
  (random) => pick(random, { ...http(401), refusedToken: true as const }, OK),
  (random) => pick(random, STALL, OK, http(500)),
  (random) => pick(random, LEFT, OK, http(502)),
  (random) => pick(random, http(502), network('ECONNRESET'), STALL, CONNECT, http(401), OK),
];

class ChaosEndpoint implements EnrichmentClient {
  readonly safeToRepeat: boolean;
  readonly endsAttempts: boolean;
  readonly batch?: BatchPort;
  readonly credentials?: CredentialProvider;
  calls = 0;
  isEndless = false;
  inFlight = 0;
  mostInFlight = 0;
  readonly #clock: FakeClock;
  readonly #random: Random;
  readonly #polls: boolean;
  readonly #moods: Mood[];
  readonly #moodMs: number;
  readonly #share: boolean;

  constructor(clock: FakeClock, random: Random, { share, polls }: { share: boolean; polls: boolean }) {
    this.#clock = clock;
    this.#random = random;
    this.#share = share;
    this.#polls = polls;
    this.safeToRepeat = random() < 0.6;
    this.endsAttempts = random() < 0.5;
    this.#moods = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, ...MOODS));
    this.#moodMs = pick(random, 100, 1_000, 10_000, 60_000);
    if (!polls && !share && random() < 0.3) this.batch = batchOf(random);
    if (random() < 0.4) this.credentials = tokensOf(clock, random);
  }

  prepare({ id }: Case): Prepared {
    const request = { key: `key of ${id}`, request: id };
    return this.#share ? { ...request, shareKey: `same ${Number(id.slice(1)) % 7}` } : request;
  }

  async enrich(_case: Case, { poll, signal, timeoutMs }: AttemptContext): Promise<AttemptOutcome> {
    if (++this.calls > MOST_CALLS) this.isEndless = true;
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    const mood = this.#moods[Math.floor(this.#clock.now() / this.#moodMs) % this.#moods.length] as Mood;
    const answer = mood(this.#random, poll !== undefined);
    const takesMs = pick(this.#random, 1, 5, 50, 300, 2_000, 7_000);
    const isInTime = takesMs < timeoutMs || !this.endsAttempts;
    await Promise.race([this.#clock.sleep(Math.min(takesMs, timeoutMs)), this.endsAttempts ? aborted(signal) : never]);
    this.inFlight--;
    if (this.endsAttempts && signal.aborted) return LEFT;
    if (!isInTime) return STALL;
    if (!answer.ok || !this.#polls || this.#random() < (poll === undefined ? 0.2 : 0.5)) return answer;
    const url = pick(this.#random, 'http://x/jobs/1', 'http://x/jobs/2');
    return { ok: true, text: 'null', httpStatus: 202, pending: { url, askedWaitMs: 3_000 * this.#random() } };
  }
}

const never = new Promise<void>(() => {});

/** One listener for all calls of a run. */
const aborts = new WeakMap<AbortSignal, Promise<void>>();

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const abort =
    aborts.get(signal) ??
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  aborts.set(signal, abort);
  return abort;
}

function batchOf(random: Random): BatchPort {
  return {
    size: pick(random, 2, 3, 10),
    combine: (requests) => requests,
    split: (_answer, ids) => ids.map(() => pick(random, OK, OK, OK, NOT_JSON)),
  };
}

function tokensOf(clock: FakeClock, random: Random): CredentialProvider {
  const lifeMs = pick(random, 50, 1_000, 30_000, undefined);
  const fails = pick(random, 0, 0, 0.3, 1);
  const takesMs = pick(random, 0, 100, 5_000, 100_000);
  let count = 0;
  return {
    current: async (): Promise<Token> => {
      await clock.sleep(takesMs);
      if (random() < fails) throw Object.assign(new Error('no token'), { permanent: random() < 0.2 });
      const value = random() < 0.2 ? 't' : `t${++count}`;
      return lifeMs === undefined ? { value } : { value, expiresAt: clock.wallNow() + lifeMs };
    },
    ...(random() < 0.3 && { checkEveryMs: pick(random, 1, 500, 5_000) }),
  };
}

/** Cases and invalid records, some of them late. */
async function* entries(count: number, clock: FakeClock, random: Random): AsyncGenerator<Entry[]> {
  for (let at = 0; at < count;) {
    const size = Math.min(count - at, 1 + Math.floor(random() * 40));
    if (random() < 0.2) await clock.sleep(pick(random, 1, 100, 2_500));
    yield Array.from({ length: size }, (_, offset) =>
      random() < 0.03 ? invalidEntry(at + offset) : caseEntry(at + offset),
    );
    at += size;
  }
  if (random() < 0.2) await clock.sleep(3_000);
}

function optionsOf(random: Random, polls: boolean, share: boolean): PipelineOptions {
  const poll = { intervalMs: pick(random, 10, 2_000), timeoutMs: pick(random, 100, 20_000, 600_000) };
  const rules = {
    ...DEFAULTS.rules,
    retries: pick(random, 0, 1, 2, 5),
    timeoutMs: pick(random, 200, 5_000),
    deadlineMs: pick(random, 300, 30_000),
    ...(polls && { poll }),
  };
  const throttle = {
    limit: pick(random, 1, 2, 10, 50),
    maxRetryAfterMs: pick(random, 1_000, 60_000),
    maxOutageMs: pick(random, null, 0, 1, 5_000, 120_000, 120_000),
    ...(random() < 0.3 && { adaptive: true }),
    ...(random() < 0.3 && { intervalMs: pick(random, 1, 20, 300) }),
  };
  const stop = pick(
    random,
    {},
    { maxFailures: 'none' },
    { failFast: true },
    { maxFailures: { count: 5 } },
    { strict: true },
  );
  return {
    ...DEFAULTS,
    rules,
    throttle,
    stop,
    ...(share && { shareRequests: true }),
    ...(random() < 0.3 && { maxTimeMs: pick(random, 1, 1_000, 60_000) }),
    ...(random() < 0.3 && { pollLimit: pick(random, 1, 5, 200) }),
    ...(polls && random() < 0.3 && { placeOf: (id: string) => (id.endsWith('3') ? 'http://x/jobs/9' : undefined) }),
    keepsPlaces: random() < 0.5,
  } as PipelineOptions;
}

function plan(pipeline: Pipeline, clock: FakeClock, random: Random): void {
  if (random() < 0.6) return;
  const soft = pick(random, 0, 1, 100, 3_000, 20_000) * (1 + random());
  const hard = soft + pick(random, 0, 10_000);
  const reason: StopReason = 'signal';
  clock.setTimer(soft, () => pipeline.stop(reason));
  clock.setTimer(hard, () => pipeline.cancel(reason));
}

/** The run's own view of the clock: knows which timers are its own. */
function watched(clock: FakeClock): Clock & { readonly timers: number } {
  const open = new Set<object>();
  return {
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    setTimer(ms, fire): Timer {
      const key = {};
      open.add(key);
      const timer = clock.setTimer(ms, () => {
        open.delete(key);
        fire();
      });
      return {
        cancel() {
          open.delete(key);
          timer.cancel();
        },
      };
    },
    get timers() {
      return open.size;
    },
  };
}

async function chaos(seed: number) {
  const random = seededRandom(seed);
  const clock = new FakeClock();
  const own = watched(clock);
  const polls = random() < 0.4;
  const share = !polls && random() < 0.3;
  const endpoint = new ChaosEndpoint(clock, random, { polls, share });
  const options = optionsOf(random, polls, share);
  const count = pick(random, 1, 15, 60, 400, 400);
  const source = sourceOf(entries(count, clock, random));
  const pipeline = new Pipeline(source, endpoint, options, { clock: own, random });
  plan(pipeline, clock, random);
  const results: EnrichmentResult[] = [];
  await clock.run(
    (async () => {
      for await (const batch of pipeline) {
        if (random() < 0.1) await clock.sleep(pick(random, 1, 40));
        results.push(...batch);
      }
    })(),
  );
  return { results, pipeline, endpoint, own, options, count };
}

test.each(Array.from({ length: SEEDS }, (_, at) => FIRST_SEED + at))('seed %i', async (seed) => {
  const { results, pipeline, endpoint, options, own, count } = await chaos(seed);
  const indices = results.map(({ index }) => index).toSorted((one, other) => one - other);
  expect(indices).toEqual(Array.from({ length: pipeline.pulled }, (_, at) => at));
  if (pipeline.stoppedBy === null) expect(pipeline.pulled).toBe(count);
  else expect(pipeline.complete || pipeline.pulled <= count).toBe(true);
  expect([pipeline.inFlight, pipeline.pending, endpoint.isEndless]).toEqual([0, 0, false]);
  expect(endpoint.mostInFlight).toBeLessThanOrEqual(options.throttle.limit * (endpoint.endsAttempts ? 1 : 1e6));
  for (const result of results) {
    if (result.status === 'cancelled')
      expect(pipeline.stoppedBy === null && result.error?.message !== 'left').toBe(false);
    if (result.durationMs < 0) throw new Error(`negative duration of ${result.caseId}`);
    for (const one of result.tries ?? []) expect(one.waitMs).toBeGreaterThanOrEqual(0);
  }
  expect(own.timers).toBe(0);
});
