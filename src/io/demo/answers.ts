/** What the demo endpoint answers, as values: no sockets here. */

import type { OutgoingHttpHeaders } from 'node:http';

import { type DemoData, idOf } from './data.js';
import type { Fault, FaultPlan } from './faults.js';
import { answerPath, type JobRequest, jobRequest, Jobs } from './jobs.js';

/** An answer ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** How a request is handled: with an answer, or by never answering (`stall`). */
export type Reply = Answer | 'stall';

export interface DemoRequest {
  readonly method: string;
  /** The request target as received, percent-encoded. */
  readonly url: string;
  /** The body of a POST, PUT or PATCH; empty otherwise. */
  readonly body: string;
}

/** True for a method whose requests carry a body. */
export function hasBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

/** Answers requests from enrichments that are serialized once, up front. With a fault plan, some ids fail. */
export class DemoDesk {
  readonly #enrichments = new Map<string, Answer>();
  readonly #faults: FaultPlan | undefined;
  readonly #index: Answer;
  readonly #jobs = new Jobs();

  constructor(data: DemoData, faults?: FaultPlan) {
    this.#faults = faults;
    for (const [id, enrichment] of Object.entries(data)) this.#enrichments.set(id, jsonAnswer(200, enrichment));
    this.#index = jsonAnswer(200, {
      name: 'case-tracker demo endpoint',
      endpoint: '/cases/{id}',
      jobs: '/jobs/{id}',
      methods: METHODS,
      cases: this.#enrichments.size,
      faults: faults !== undefined,
    });
  }

  reply(request: DemoRequest): Reply {
    if (request.method === 'OPTIONS') return OPTIONS;
    if (!METHODS.includes(request.method)) return BAD_METHOD;
    const job = jobRequest(request.url);
    if (job !== undefined) return this.#replyAboutJob(job, request);
    const segment = idSegment(request.url);
    if (hasBody(request.method)) return this.#replyToBody(segment, request.body);
    return segment === undefined ? this.#index : this.#replyToSegment(segment);
  }

  #replyAboutJob(job: JobRequest, { method, body }: DemoRequest): Reply {
    const id = job.segment === undefined ? idOf(parse(body)) : decode(job.segment);
    if (id === undefined) return job.segment === undefined ? NO_ID : BAD_PATH;
    if (!this.#enrichments.has(id)) return notFound(id);
    if (job.do === 'submit') return accepted(id, 'queued');
    // A HEAD or OPTIONS looks, and does not move the job on.
    if (method !== 'GET' || this.#jobs.isDone(id)) return this.#enrichments.get(id) ?? notFound(id);
    return accepted(id, 'running');
  }

  #replyToSegment(segment: string): Reply {
    const id = decode(segment);
    return id === undefined ? BAD_PATH : this.#replyToId(id);
  }

  /** An array is a batch, whatever the path; otherwise the path names the case, else the body's `id` does. */
  #replyToBody(segment: string | undefined, body: string): Reply {
    const value = parse(body);
    if (Array.isArray(value)) return this.#replyToBatch(value);
    if (segment !== undefined) return this.#replyToSegment(segment);
    const id = idOf(value);
    return id === undefined ? NO_ID : this.#replyToId(id);
  }

  #replyToId(id: string): Reply {
    const fault = this.#faults?.next(id);
    return fault === undefined ? (this.#enrichments.get(id) ?? notFound(id)) : faultReply(fault, id);
  }

  /**
   * An array of the same length: enrichments, and `{"error":…,"message":…}` for a case that has none. A transient fault
   * refuses the whole batch once; a permanent one fails only its own case.
   */
  #replyToBatch(records: readonly unknown[]): Reply {
    const replies = records.map((record) => {
      const id = idOf(record);
      return id === undefined ? NO_ID : this.#replyToId(id);
    });
    const refusal = replies.find(refusesBatch);
    return refusal ?? answer(200, JSON_TYPE, `[${replies.map(batchElement).join(',')}]`);
  }
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'OPTIONS'];
const ALLOW = { allow: METHODS.join(', ') };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const OPTIONS = answer(204, ALLOW, '');
const BAD_METHOD = problem(405, 'method not allowed', `use one of ${METHODS.join(', ')}`, ALLOW);
const BAD_PATH = problem(400, 'bad request', 'the id in the path is not percent-encoded UTF-8');
const NO_ID = problem(400, 'bad request', 'neither the path nor the JSON body has an id');
const UNAVAILABLE = problem(503, 'unavailable', 'the case desk is restarting, try again');
const GARBLED = answer(
  200,
  { 'content-type': 'text/html; charset=utf-8' },
  '<!doctype html>\n<title>Sign in</title>\n<h1>Your session has ended</h1>\n<p>Please sign in again.</p>\n',
);

/** The 429 for a request beyond the rate limit. `waitMs` is the time until the next one is allowed. */
export function throttled(waitMs: number): Answer {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return problem(429, 'too many requests', `slow down: come back in ${seconds} s`, { 'retry-after': String(seconds) });
}

/** The 413 for a body of more than `limit` bytes; the connection is closed after it. */
export function tooLarge(limit: number): Answer {
  return problem(413, 'payload too large', `a body may have up to ${limit} bytes`, { connection: 'close' });
}

function notFound(id: string): Answer {
  return problem(404, 'not found', `there is no enrichment for case ${id}`);
}

function faultReply(fault: Fault, id: string): Reply {
  switch (fault) {
    case 'unavailable':
      return UNAVAILABLE;
    case 'throttled':
      return throttled(1000);
    case 'missing':
      return notFound(id);
    case 'garbled':
      return GARBLED;
    case 'later':
      return accepted(id, 'queued');
    case 'stall':
      return 'stall';
  }
}

/** The 202 of a job; its Location is where the answer will be. */
function accepted(id: string, state: 'queued' | 'running'): Answer {
  return jsonAnswer(202, { state, message: 'the case desk is working on it' }, { location: answerPath(id) });
}

function refusesBatch(reply: Reply): reply is Answer {
  return reply !== 'stall' && (reply.status === 503 || reply.status === 429);
}

function batchElement(reply: Reply): string {
  if (reply === 'stall') return '{"error":"timeout","message":"the case desk did not answer in time"}';
  if (reply === GARBLED) return '{"error":"bad gateway","message":"the case desk sent a sign-in page"}';
  if (reply.status === 202) return '{"error":"accepted","message":"the case desk is still working on it"}';
  return reply.body.toString();
}

/** An answer `{"error": …, "message": …}`. */
export function problem(status: number, error: string, message: string, headers: OutgoingHttpHeaders = {}): Answer {
  return jsonAnswer(status, { error, message }, headers);
}

/** An answer with a value as its JSON body. */
export function jsonAnswer(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return answer(status, { ...JSON_TYPE, ...headers }, JSON.stringify(value));
}

function answer(status: number, headers: OutgoingHttpHeaders, text: string): Answer {
  const body = Buffer.from(text);
  return { status, body, headers: status === 204 ? headers : { ...headers, 'content-length': body.length } };
}

/** The last segment of the path, still encoded; undefined for `/`, `/cases` and `/cases/`, which name no case. */
function idSegment(url: string): string | undefined {
  const path = url.split('?', 1)[0] ?? '';
  const segment = path.slice(path.lastIndexOf('/') + 1);
  return segment === '' || path === '/cases' ? undefined : segment;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
