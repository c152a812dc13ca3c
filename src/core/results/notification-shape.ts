/** What a notification looks like, for its JSON Schema. */

import { z } from 'zod';
import { NOTIFY_EVENTS } from '../notify-hooks.js';
import { RUN, SUMMARY } from './shapes.js';

const count = z.int().min(0);
const ms = z.number().min(0);

const ENDLESS = RUN.partial({ finishedAt: true, durationMs: true, complete: true, stoppedBy: true });

const GROUP = z.object({
  number: count.describe('tells the causes of one run apart'),
  status: z.enum(['failed', 'invalid']),
  label: z.string().describe('http 422, timeout body, network ECONNRESET'),
  message: z.string(),
  words: z.exactOptional(z.string().describe("the endpoint's own words")),
  count,
  retryable: count.describe('how many of them may succeed in a later run'),
  examples: z.array(z.string()).max(3),
  hint: z.exactOptional(z.string()),
});

const STALL = z.object({
  kind: z.enum(['pause', 'outage']),
  forMs: ms.describe('how long it has lasted'),
  leftMs: ms.nullable().describe('how long it will last from now; null where nobody knows'),
  httpStatus: z.int().nullable(),
  asked: z.boolean().describe('the endpoint itself said for how long'),
});

const PROGRESS = z.object({
  elapsedMs: ms,
  done: count,
  total: count.nullable(),
  enriched: count,
  failed: count,
  invalid: count,
  cancelled: count,
  resumed: count,
});

/** The body of a notification. */
export const NOTIFICATION = z.object({
  text: z.string().describe('for people; & < > are escaped'),
  schemaVersion: z.literal(1),
  event: z.enum(NOTIFY_EVENTS),
  run: ENDLESS.nullable().describe('without files; without its end while it goes on; null where nothing was begun'),
  summary: SUMMARY.nullable().describe('null while it goes on, and where nothing was read'),
  exitCode: z.int().nullable().describe('null while it goes on'),
  groups: z.array(GROUP).max(20).nullable().describe('the causes with most cases; null while it goes on'),
  stall: z.exactOptional(STALL.describe('of paused: why nothing goes on')),
  progress: z.exactOptional(PROGRESS.describe('of paused: the counts so far')),
});
