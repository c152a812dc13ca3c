/** The JSON Schemas (draft 2020-12) of what goes in and comes out. */

import { FAILURE_KINDS, RESULT_STATUSES } from './case.js';
import { STOP_REASONS } from './report.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const string = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const number = { type: 'number', minimum: 0 } as const;
const WAITS = ['backoff', 'retry-after', 'pause', 'rate'] as const;

/** An object that has all of `required` and may have `optional`; others are refused unless `open`. */
function object(required: JsonSchema, optional: JsonSchema = {}, open = false): JsonSchema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    ...(open ? {} : { additionalProperties: false }),
  };
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

function counts(names: readonly string[], value: JsonSchema): JsonSchema {
  return object({}, Object.fromEntries(names.map((name) => [name, value])));
}

const dateOrTime = {
  ...string,
  anyOf: [{ format: 'date' }, { format: 'date-time' }],
  description: 'ISO 8601 date or date-time',
} as const;

export const CASE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'case',
  description: 'A case: a JSON object with an id. Everything else is optional and never lost.',
  ...object(
    {
      id: {
        description:
          'Trimmed of surrounding white space and otherwise compared exactly; an integer is read as its digits.',
        anyOf: [{ ...string, pattern: '\\S' }, { type: 'integer' }],
      },
    },
    {
      title: nullable(string),
      status: nullable(string),
      priority: nullable(string),
      assignee: nullable(string),
      tags: nullable({ type: 'array', items: string }),
      openedAt: nullable(dateOrTime),
      dueAt: nullable(dateOrTime),
    },
    true,
  ),
};

const FAILURE: JsonSchema = object(
  { kind: { enum: FAILURE_KINDS }, message: string, retryable: { type: 'boolean', description: 'worth another run' } },
  {
    httpStatus: { type: 'integer', minimum: 100, maximum: 599 },
    code: { ...string, description: "the system's code of a network failure" },
    phase: { enum: ['connect', 'response', 'body', 'deadline'] },
    notRetried: { enum: ['budget', 'deadline', 'unsafe'] },
    requestId: { ...string, description: 'x-request-id of the last attempt' },
    body: { ...string, description: "the first 512 bytes of the endpoint's answer" },
  },
);

const PLACE: JsonSchema = object({ file: string }, { line: { type: 'integer', minimum: 1 }, index: count });

const TRY: JsonSchema = object(
  { startMs: number, durationMs: number, outcome: string, waitMs: number },
  { waitFor: { enum: WAITS } },
);

const RESULT: JsonSchema = object(
  {
    caseId: { type: ['string', 'null'], description: 'null only for an invalid record without a usable id' },
    status: { enum: RESULT_STATUSES },
    index: { ...count, description: 'counts the selected records from 0' },
    enrichedCase: { type: ['object', 'null'] },
    error: nullable({ $ref: '#/$defs/failure' }),
    attempts: count,
    durationMs: number,
    at: { ...string, format: 'date-time' },
  },
  {
    key: { ...string, description: 'a hash of what was asked' },
    source: { $ref: '#/$defs/place' },
    tries: { type: 'array', items: { $ref: '#/$defs/try' } },
    shared: { const: true, description: 'the answer to the equal request of another case' },
  },
);

const DEFINITIONS = { failure: FAILURE, place: PLACE, try: TRY } as const;

export const RESULT_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'result',
  description: 'What became of one case: one line of NDJSON output, one element of a report.',
  ...RESULT,
  $defs: DEFINITIONS,
};

const RUN: JsonSchema = object({
  id: string,
  version: string,
  startedAt: { ...string, format: 'date-time' },
  finishedAt: { ...string, format: 'date-time' },
  durationMs: number,
  endpoint: { ...string, description: 'the URL template without secrets' },
  method: string,
  limits: object({
    limit: { type: 'integer', minimum: 1 },
    timeoutMs: number,
    deadlineMs: number,
    retries: count,
    maxTimeMs: nullable(number),
    ratePerSecond: nullable(number),
    adaptive: { type: 'boolean' },
  }),
  shard: nullable(object({ index: { type: 'integer', minimum: 1 }, count: { type: 'integer', minimum: 1 } })),
  settings: { ...string, description: 'a hash of the settings that the shards of one run share' },
  complete: { type: 'boolean', description: 'false when the input was not read to its end' },
  stoppedBy: { enum: [null, ...STOP_REASONS] },
});

const SUMMARY: JsonSchema = object(
  {
    total: count,
    enriched: count,
    failed: count,
    invalid: count,
    cancelled: count,
    resumed: count,
    attempts: count,
    retries: count,
    retriesDenied: count,
    failuresByKind: counts(FAILURE_KINDS, count),
    latencyMs: nullable(object({ p50: number, p90: number, p99: number, max: number })),
    maxInFlight: count,
    limit: object(
      { configured: { type: 'integer', minimum: 1 }, settled: { type: 'integer', minimum: 1 } },
      { course: { type: 'array', maxItems: 200, items: object({ atMs: number, limit: count }) } },
    ),
    waitedMs: counts(WAITS, number),
    pauses: object({ count, ms: number }),
    casesPerSecond: number,
  },
  { retryAt: { ...string, format: 'date-time' } },
);

export const REPORT_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'report',
  description: 'A whole run: its settings, every result, and the summary.',
  ...object({
    schemaVersion: { const: 1 },
    run: RUN,
    results: { type: 'array', items: { $ref: '#/$defs/result' } },
    summary: SUMMARY,
  }),
  $defs: { ...DEFINITIONS, result: RESULT },
};
