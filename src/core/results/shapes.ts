/**
 * What run, summary and result look like, said once: the types, the JSON Schemas (json-schemas.ts) and the check on reading
 * back are derived from it. Other modules import types only, or load it when they need it: zod is slow to load, so code
 * that reads results asks the guards in saved-shape.ts first, which a test holds to this.
 */

import { z } from 'zod';
import { FAILURE_KINDS, RESULT_STATUSES, WAIT_REASONS } from '../case.js';
import { isInstant, MOST_ATTEMPTS, MOST_COURSE, MOST_MS, MOST_SHARDS, MOST_TRIES, WORD } from './bounds.js';
import { STOP_REASONS } from './stop-reason.js';

/** One of the words that this version knows, or one that a newer version has written. */
export type OpenWord<Known extends string> = Known | (string & Record<never, never>);

type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T;

const text = z.string();
const count = z.int().min(0);
const fromOne = z.int().min(1);
const ms = z.number().min(0).max(MOST_MS);
const instant = z.string().refine(isInstant, 'not a date and time').meta({ format: 'date-time' });

/** The printed schema names what this version writes; what is read may be of a newer one. */
function word<Known extends string>(known: readonly Known[]): z.ZodType<OpenWord<Known>> {
  return z.string().regex(WORD, 'not a word').meta({ enum: known }) as unknown as z.ZodType<OpenWord<Known>>;
}

/** Values by word, with the names that this version knows and others. zod's records pass over a member `__proto__`. */
function byWord(known: readonly string[], value: z.ZodNumber): z.ZodType<Record<string, number>> {
  const record = z.record(word(known) as z.ZodType<string, string>, value);
  return z.unknown().refine(hasNoProto, 'a member is not a word').pipe(record);
}

function hasNoProto(value: unknown): boolean {
  return typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__');
}

const FAILURE = z
  .object({
    kind: word(FAILURE_KINDS),
    message: text,
    retryable: z.boolean().describe('worth another run'),
    httpStatus: z.exactOptional(z.int().min(100).max(999)),
    code: z.exactOptional(text.describe("the system's code of a network failure")),
    phase: z.exactOptional(word(['connect', 'response', 'body', 'deadline', 'poll'])),
    notRetried: z.exactOptional(word(['budget', 'deadline', 'unsafe'])),
    requestId: z.exactOptional(text.describe('x-request-id of the last attempt')),
    body: z.exactOptional(text.describe("the first 512 bytes of the endpoint's answer")),
  })
  .meta({ id: 'failure' });

const PLACE = z
  .object({ file: text, line: z.exactOptional(fromOne), index: z.exactOptional(count) })
  .meta({ id: 'place' });

const TRY = z
  .object({ startMs: ms, durationMs: ms, outcome: text, waitMs: ms, waitFor: z.exactOptional(word(WAIT_REASONS)) })
  .meta({ id: 'try' });

const RESULT_MEMBERS = z.object({
  caseId: text.nullable().describe('null only for an invalid record without a usable id'),
  status: z.enum(RESULT_STATUSES, { error: 'no status that is known' }),
  index: count.describe('counts the selected records from 0'),
  enrichedCase: z.looseObject({}).nullable(),
  error: FAILURE.nullable(),
  attempts: count.max(MOST_ATTEMPTS),
  durationMs: ms,
  at: instant,
  key: z.exactOptional(text.describe('a hash of what was asked')),
  source: z.exactOptional(PLACE),
  httpStatus: z.exactOptional(
    z.int().min(100).max(999).describe('the status of the answer, where it was accepted and not 2xx'),
  ),
  tries: z.exactOptional(z.array(TRY).max(MOST_TRIES)),
  poll: z.exactOptional(text.describe('where to ask for the answer of a case that has ended without it')),
  shared: z.exactOptional(z.literal(true).describe('the answer to the equal request of another case')),
  skipped: z.exactOptional(z.literal(true).describe('not called: it had the value of --skip-if already')),
  refresh: z.exactOptional(z.literal(true).describe('asked again: the enrichment was older than --refresh-after')),
  stale: z.exactOptional(z.literal(true).describe('its last refresh failed, and the older enrichment stands')),
});

/** A result as it stands in a journal or report: what `resultLine` writes and JSON.parse gives back. */
export const RESULT = RESULT_MEMBERS.refine(({ caseId, status }) => caseId !== null || status === 'invalid', {
  path: ['caseId'],
  error: 'null, and the status is not invalid',
})
  .refine(({ status, enrichedCase }) => status !== 'enriched' || enrichedCase !== null, {
    path: ['enrichedCase'],
    error: 'null, and the status is enriched',
  })
  .refine(({ status, error }) => status === 'enriched' || error !== null, {
    path: ['error'],
    error: 'null, and the status is not enriched',
  })
  .meta({ id: 'result' });

/** Where to ask for the answer of a case that comes later: a line of the journal, and no result. */
export const PLACE_LINE = z.object({
  caseId: text,
  status: z.literal('pending'),
  index: count,
  at: instant,
  key: z.exactOptional(text),
  poll: text,
});

const SHARD = z.object({
  /** From 1. */
  index: fromOne.max(MOST_SHARDS),
  count: fromOne.max(MOST_SHARDS),
});

/** The run as a report tells it; JSON-safe, no secrets. */
export const RUN = z.object({
  id: text,
  version: text,
  startedAt: instant,
  finishedAt: instant,
  durationMs: ms,
  endpoint: text.describe('the URL template without secrets'),
  method: text,
  /** The effective limits, as in the configuration. */
  limits: z.object({
    limit: fromOne,
    timeoutMs: ms,
    deadlineMs: ms,
    retries: count,
    maxTimeMs: ms.nullable(),
    /** How long an endpoint that is down is waited for; null for ever. Runs of earlier versions did not wait. */
    maxOutageMs: z.exactOptional(ms.nullable()),
    /** Attempts a second over all shards, or null. */
    ratePerSecond: z.number().min(0).nullable(),
    adaptive: z.boolean(),
  }),
  shard: SHARD.nullable(),
  settings: text.describe('a hash of the settings that the shards of one run share'),
  files: z.exactOptional(
    z
      .array(z.object({ file: text, id: text.describe('a hash of its real path') }))
      .describe('the files all of whose invalid records are among the results; absent beside a filter'),
  ),
  complete: z.boolean().describe('false when the input was not read to its end'),
  stoppedBy: word(STOP_REASONS).nullable(),
});

const LIMIT = z.object({
  configured: fromOne,
  settled: fromOne,
  course: z.exactOptional(z.array(z.object({ atMs: ms, limit: count })).max(MOST_COURSE)),
});

/** Counts and times of one run. `total` is the sum of the four statuses. */
export const SUMMARY = z.object({
  total: count,
  enriched: count,
  failed: count,
  invalid: count,
  cancelled: count,
  /** Those of `enriched` that the journal already had. */
  resumed: count,
  /** Those of `enriched` that were not called, for `--skip-if`; absent without one. */
  skipped: z.exactOptional(count),
  /** Those of `enriched` whose last refresh failed; absent without one. */
  stale: z.exactOptional(count),
  attempts: count,
  /** Attempts after the first that cost a retry (a pause does not). */
  retries: count,
  /** Retries that the budget refused. */
  retriesDenied: count,
  /** Those of `attempts` that asked for an answer which comes later; absent without one. */
  polls: z.exactOptional(count),
  /** Cases that were submitted and have no answer yet: a later run asks where they were left. Absent without one. */
  pending: z.exactOptional(count),
  failuresByKind: byWord(FAILURE_KINDS, count),
  /** Of the successful attempts' cases: first call to last byte, waits left out. null without a success. */
  latencyMs: z.object({ p50: ms, p90: ms, p99: ms, max: ms }).nullable(),
  maxInFlight: count,
  limit: LIMIT,
  /** Waits of all attempts together, by reason: 50 cases that wait for one pause of 2 s are 100 s. */
  waitedMs: byWord(WAIT_REASONS, ms),
  /** How often the endpoint asked all calls to pause, and for how long together. */
  pauses: z.object({ count, ms }),
  /** How often the endpoint was down, and for how long together. Runs of earlier versions did not tell. */
  outages: z.exactOptional(z.object({ count, ms })),
  casesPerSecond: z.number().min(0),
  /** When the endpoint said to come back (ISO 8601); only after `rate-limited`. */
  retryAt: z.exactOptional(instant),
});

export const REPORT = z.object({ schemaVersion: z.literal(1), run: RUN, results: z.array(RESULT), summary: SUMMARY });

export type SavedFailure = DeepReadonly<z.infer<typeof FAILURE>>;
export type SavedTry = DeepReadonly<z.infer<typeof TRY>>;
export type SavedResult = DeepReadonly<z.infer<typeof RESULT>>;
export type Shard = DeepReadonly<z.infer<typeof SHARD>>;
export type RunInfo = DeepReadonly<z.infer<typeof RUN>>;
/** What the concurrency limit was and, when adaptive, the course it took: at most 200 points. */
export type LimitSummary = DeepReadonly<z.infer<typeof LIMIT>>;
export type Summary = DeepReadonly<z.infer<typeof SUMMARY>>;

/** What is wrong with an object that should be a result; undefined when nothing is. */
export function resultProblem(value: unknown): string | undefined {
  return firstProblem(RESULT, value);
}

/** What is wrong with an object that should say where to ask for an answer; undefined when nothing is. */
export function placeProblem(value: unknown): string | undefined {
  return firstProblem(PLACE_LINE, value);
}

/** What is wrong with an object that should have the `run` and `summary` of a report; undefined when nothing is. */
export function endProblem(value: unknown): string | undefined {
  return firstProblem(z.object({ run: RUN, summary: SUMMARY }), value);
}

function firstProblem(schema: z.ZodType, value: unknown): string | undefined {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) return undefined;
  const path = z.core.toDotPath(issue.path);
  return memberAt(value, issue.path) === undefined ? `no ${path}` : `${path}: ${issue.message}`;
}

function memberAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, name) => (at as Record<PropertyKey, unknown> | null | undefined)?.[name], value);
}
