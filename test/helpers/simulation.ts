import { Case, type EnrichmentResult, type Entry } from '../../src/core/case.js';
import type {
  AttemptContext,
  AttemptFailure,
  AttemptOutcome,
  CredentialProvider,
  EnrichmentClient,
} from '../../src/core/ports.js';
import { Pipeline, type PipelineOptions } from '../../src/core/run/pipeline.js';
import { FakeClock } from './clock.js';
import { seededRandom } from './random.js';
import { sourceOf } from './source.js';

export const OK: AttemptOutcome = { ok: true, text: '{"risk":1}' };

/** An answer with a status that is not 2xx. */
export function http(httpStatus: number, askedWaitMs?: number): AttemptFailure {
  const retryable =
    [408, 425, 429, 500, 502, 503, 504].includes(httpStatus) || (httpStatus === 403 && askedWaitMs !== undefined);
  const failure = { kind: 'http', message: `status ${httpStatus}`, httpStatus, retryable } as const;
  return askedWaitMs === undefined ? { ok: false, failure } : { ok: false, failure, askedWaitMs };
}

export function network(code: string): AttemptFailure {
  return { ok: false, failure: { kind: 'network', message: code, code, retryable: true } };
}

/** Fails every call. */
export const dead: Behaviour = () => ({ afterMs: 5, answer: http(503) });

/** Fails a share of the calls at random. */
export function flaky(share: number): Behaviour {
  return (_, random) => ({ afterMs: 20, answer: random() < share ? http(503) : OK });
}

/** The options of a run that goes on whatever fails. */
export const NEVER_STOP = { stop: { maxFailures: 'none' } } as const;

export interface Call {
  readonly id: string;
  readonly attempt: number;
  readonly at: number;
  /** Calls in flight, this one counted. */
  readonly inFlight: number;
  /** The token that the call was made with. */
  readonly token: string | undefined;
}

/** What the simulated endpoint does with a call: how long it takes, and the answer at its end. */
export type Behaviour = (
  call: Call,
  random: () => number,
) => { readonly afterMs: number; readonly answer: AttemptOutcome };

/** An endpoint that lives on a fake clock and keeps a log of its calls. */
export class SimulatedEndpoint implements EnrichmentClient {
  readonly calls: Call[] = [];
  readonly endsAttempts: boolean;
  safeToRepeat = true;
  credentials?: CredentialProvider;
  inFlight = 0;
  maxInFlight = 0;
  readonly #clock: FakeClock;
  readonly #behave: Behaviour;
  readonly #random: () => number;

  constructor(clock: FakeClock, behave: Behaviour, options: { seed?: number; endsAttempts?: boolean } = {}) {
    this.#clock = clock;
    this.#behave = behave;
    this.#random = seededRandom(options.seed ?? 1);
    this.endsAttempts = options.endsAttempts ?? false;
  }

  async enrich(aCase: Case, context: AttemptContext): Promise<AttemptOutcome> {
    this.inFlight++;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    const call = {
      id: aCase.id,
      attempt: context.attempt,
      at: this.#clock.now(),
      inFlight: this.inFlight,
      token: context.token?.value,
    };
    this.calls.push(call);
    const { afterMs, answer } = this.#behave(call, this.#random);
    await this.#clock.sleep(afterMs);
    this.inFlight--;
    return answer;
  }
}

/** Entries `c0`, `c1` … in batches. */
export async function* cases(count: number, batch = 100): AsyncGenerator<Entry[]> {
  for (let at = 0; at < count; at += batch) {
    await Promise.resolve();
    yield Array.from({ length: Math.min(batch, count - at) }, (_, offset) => caseEntry(at + offset));
  }
}

export function caseEntry(index: number): Entry {
  const id = `c${index}`;
  return {
    kind: 'case',
    index,
    case: new Case(id, JSON.stringify({ id })),
    source: { file: 'cases.ndjson', line: index + 1 },
  };
}

export function invalidEntry(index: number): Entry {
  return { kind: 'invalid', index, caseId: null, source: { file: 'cases.ndjson', line: index + 1 }, message: 'no id' };
}

export const DEFAULTS = {
  rules: { retries: 2, backoffMs: 200, maxBackoffMs: 10_000, timeoutMs: 5_000, deadlineMs: 30_000, into: 'enrichment' },
  throttle: { limit: 10, maxRetryAfterMs: 60_000 },
  runId: 'run',
} satisfies PipelineOptions;

export type Overrides = Omit<Partial<PipelineOptions>, 'rules' | 'throttle'> & {
  readonly rules?: Partial<PipelineOptions['rules']>;
  readonly throttle?: Partial<PipelineOptions['throttle']>;
};

export interface Simulation {
  readonly results: EnrichmentResult[];
  readonly pipeline: Pipeline;
  readonly endpoint: SimulatedEndpoint;
  readonly clock: FakeClock;
  /** Results by status. */
  readonly counts: Record<string, number>;
}

export interface SimulationInput {
  readonly source?: AsyncIterable<readonly Entry[]>;
  readonly cases?: number;
  readonly behave: Behaviour;
  readonly options?: Overrides;
  readonly seed?: number;
  readonly safeToRepeat?: boolean;
  /** Makes the endpoint's tokens. */
  readonly credentials?: (clock: FakeClock) => CredentialProvider;
  /** Called once the pipeline exists, to plan interruptions on the clock. */
  readonly plan?: (pipeline: Pipeline, clock: FakeClock) => void;
}

/** Runs a whole pipeline against a simulated endpoint on a fake clock. */
export async function simulate(input: SimulationInput): Promise<Simulation> {
  const clock = new FakeClock();
  const endpoint = new SimulatedEndpoint(clock, input.behave, { seed: input.seed ?? 1 });
  endpoint.safeToRepeat = input.safeToRepeat ?? true;
  if (input.credentials) endpoint.credentials = input.credentials(clock);
  const options = {
    ...DEFAULTS,
    ...input.options,
    rules: { ...DEFAULTS.rules, ...input.options?.rules },
    throttle: { ...DEFAULTS.throttle, ...input.options?.throttle },
  };
  const world = { clock, random: seededRandom((input.seed ?? 1) + 1000) };
  const pipeline = new Pipeline(sourceOf(input.source ?? cases(input.cases ?? 10)), endpoint, options, world);
  input.plan?.(pipeline, clock);
  const results = await clock.run(collect(pipeline));
  const counts: Record<string, number> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return { results, pipeline, endpoint, clock, counts };
}

/** Every result of a run, in the order of delivery. */
export async function collect(pipeline: Pipeline): Promise<EnrichmentResult[]> {
  const results: EnrichmentResult[] = [];
  for await (const batch of pipeline) results.push(...batch);
  return results;
}

/** The most calls that started within any window of `windowMs`. */
export function mostStartsWithin(calls: readonly Call[], windowMs: number): number {
  const starts = calls.map((call) => call.at).toSorted((a, b) => a - b);
  let most = 0;
  for (let from = 0, to = 0; to < starts.length; to++) {
    while ((starts[to] ?? 0) - (starts[from] ?? 0) >= windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
