/** What the API answers, said once: the OpenAPI document and the check on reading `run.json` back are derived from it. */

import { z } from 'zod';
import type { LiveState } from '../../../core/live/messages.js';
import { RUN, type RunInfo, SUMMARY, type Summary } from '../../../core/results/shapes.js';

const RUN_STATUSES = ['queued', 'running', 'stopping', 'finished', 'stopped', 'failed'] as const;

/** Sortable by time, and nothing else than letters, digits and `-`: it is the name of a folder. */
export const ID_PATTERN = /^\d{8}t\d{9}-[0-9a-f]{24}$/;

/** The forms of a body, which its file keeps. */
const BODY_FORMS = ['ndjson', 'json'] as const;
export type BodyForm = (typeof BODY_FORMS)[number];

const count = z.int().min(0);
const ms = z.number().min(0);
const text = z.string();

const PAUSE = z.object({ for: text, asked: z.boolean(), leftMs: ms });
const OUTAGE = z.object({ sinceMs: ms, nextTryMs: ms.nullable(), tries: count, for: text });

/** The state of a run under way, as on the live page. */
const STATE = z
  .object({
    verdict: z.enum(['ok', 'failing']),
    phase: z.enum(['running', 'finishing', 'cancelling']),
    elapsedMs: ms,
    done: count,
    total: count.nullable(),
    enriched: count,
    failed: count,
    invalid: count,
    cancelled: count,
    resumed: count,
    inFlight: count,
    pending: count,
    limit: count,
    adaptive: z.boolean(),
    retries: count,
    recentRate: ms,
    leftMs: ms.nullable(),
    p50Ms: ms.nullable(),
    p99Ms: ms.nullable(),
    pause: PAUSE.nullable(),
    outage: OUTAGE.nullable(),
    isTokenAwaited: z.boolean(),
  })
  .meta({ id: 'State', description: 'A run under way, as the live page shows it.' }) satisfies z.ZodType<LiveState>;

const ID = z.string().regex(ID_PATTERN).describe('newer runs have greater ones');
const INSTANT = z.string().meta({ format: 'date-time' });
const EXIT_CODE = z.int().min(0).max(255).nullable();
const MESSAGE = z.exactOptional(text.describe('why it failed or what became of it'));

/** One run as the API shows it. */
export const API_RUN = z
  .object({
    id: ID,
    status: z.enum(RUN_STATUSES),
    createdAt: INSTANT,
    run: RUN.nullable().describe('null until the end'),
    state: STATE.nullable().describe('null while it is queued'),
    summary: SUMMARY.nullable().describe('null until the end'),
    exitCode: EXIT_CODE.describe('that of enrich; null until the end'),
    message: MESSAGE,
  })
  .meta({ id: 'Run', description: 'One body of cases and what became of it.' });

export const RUN_LIST = z
  .object({
    runs: z.array(API_RUN).describe('the newest first'),
    next: ID.nullable().describe('`before` of the next page; null on the last one'),
  })
  .meta({ id: 'RunList' });

export const HEALTH = z
  .object({
    status: z.enum(['ok', 'stopping']),
    version: text,
    running: ID.nullable(),
    queued: count,
  })
  .meta({ id: 'Health' });

export const REFUSAL = z
  .object({ error: text.describe('a word for programs'), message: text.describe('what is wrong, for people') })
  .meta({ id: 'Refusal' });

/** What `run.json` holds. `state` is the last one. */
export const RUN_RECORD = z.object({
  schemaVersion: z.literal(1),
  id: ID,
  status: z.enum(RUN_STATUSES),
  createdAt: INSTANT,
  form: z.enum(BODY_FORMS),
  bytes: count.describe('of the cases, unpacked'),
  hash: text.describe('SHA-256 of the form and the cases'),
  idempotencyKey: z.exactOptional(text),
  run: RUN.nullable(),
  state: STATE.nullable(),
  summary: SUMMARY.nullable(),
  exitCode: EXIT_CODE,
  message: MESSAGE,
});

/** With the types that run and summary have everywhere else. */
type WithRun<Shape> = Readonly<Omit<Shape, 'run' | 'summary' | 'state'>> & {
  readonly run: RunInfo | null;
  readonly state: LiveState | null;
  readonly summary: Summary | null;
};
export type RunRecord = WithRun<z.infer<typeof RUN_RECORD>>;
export type ApiRun = WithRun<z.infer<typeof API_RUN>>;
