/** Answers that come later: whether an answer is one of those, where to ask for it, and when the job is done or has failed. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Case } from '../../core/case.js';
import { COMES_LATER, toldStatus } from '../../core/flow/accepted-statuses.js';
import { askedWaitMs } from '../../core/flow/asked-wait.js';
import type { PollMatch } from '../../core/run/poll-match.js';
import type { PendingAnswer } from '../../core/ports.js';
import { isJson, textAt } from '../../json/text.js';
import { clip } from '../../text/clip.js';
import { waitHeadersOf } from './answer-headers.js';
import type { Endpoint } from './endpoint.js';
import { placeOf } from './poll-place.js';

/** How the answer to a case is asked for when it comes later. */
export interface PollOptions {
  /** The template of the URL to ask at, of the endpoint's origin; default the answer's Location. */
  readonly url?: string;
  /** The body has this when it is the answer; default: its status is not 202. */
  readonly until?: PollMatch;
  /** The body has this when the job has failed. */
  readonly failed?: PollMatch;
}

/** The whole answer to one exchange. */
export interface WholeAnswer {
  readonly httpStatus: number;
  readonly headers: IncomingHttpHeaders;
  /** The URL that answered. */
  readonly url: string;
  readonly body: Buffer;
}

export type PollVerdict =
  /** This is the answer, good or bad. */
  | { readonly do: 'take' }
  | { readonly do: 'pend'; readonly pending: PendingAnswer & { readonly seen: string } }
  | { readonly do: 'fail'; readonly message: string };

/** What all polls of a client have in common. */
export interface PollPlan extends Omit<PollOptions, 'url'> {
  /** `--poll-url`, compiled. */
  readonly place: Endpoint | undefined;
}

const TAKE: PollVerdict = { do: 'take' };
const MOST_SEEN = 80;

/** Judges the answers to one attempt for a case; `current` is where it was asked for, undefined for the case's own call. */
export class PollJudge {
  readonly #plan: PollPlan;
  readonly #case: Case;
  readonly #current: string | undefined;

  constructor(plan: PollPlan, aCase: Case, current: string | undefined) {
    this.#plan = plan;
    this.#case = aCase;
    this.#current = current;
  }

  /** @param wallNowMs measures a Retry-After that is a date, where the answer has no Date of its own. */
  judge(answer: WholeAnswer, wallNowMs: number): PollVerdict {
    const { until, failed } = this.#plan;
    const json = jsonIn(answer.body);
    const failedAs = failed === undefined ? undefined : scalarAt(json, failed);
    if (failedAs !== undefined && failed?.values.includes(failedAs)) {
      return { do: 'fail', message: `the job has failed: ${failed.pointer} is ${clip(failedAs, MOST_SEEN)}` };
    }
    const isLater = answer.httpStatus === COMES_LATER;
    if (!isLater && (until === undefined || this.#isAnswer(answer, json, until))) return TAKE;
    const place = this.#placeAfter(answer, json);
    if ('problem' in place) return { do: 'fail', message: place.problem };
    const seen = until === undefined ? String(answer.httpStatus) : seenAt(json, until);
    const asked = askedWaitMs(answer.httpStatus, waitHeadersOf(answer.headers), wallNowMs);
    const pending = { url: place.url, seen };
    return { do: 'pend', pending: asked === undefined ? pending : { ...pending, askedWaitMs: asked } };
  }

  /** An accepted status outside of 2xx is an answer by itself, and a body that is no JSON fails as every such answer does. */
  #isAnswer({ httpStatus, body }: WholeAnswer, json: string | undefined, until: PollMatch): boolean {
    if (toldStatus(httpStatus) !== undefined || (json === undefined && body.length > 0)) return true;
    const value = scalarAt(json, until);
    return value !== undefined && until.values.includes(value);
  }

  #placeAfter(answer: WholeAnswer, json: string | undefined): { readonly url: string } | { readonly problem: string } {
    const { place } = this.#plan;
    // A URL that was made from the first answer stays; without one, a job may move.
    const { location } = answer.headers;
    const stays = place !== undefined || location === undefined || answer.httpStatus !== COMES_LATER;
    if (this.#current !== undefined && stays) return { url: this.#current };
    return placeOf({ ...answer, location }, { template: place, aCase: this.#case, json });
  }
}

/** The text of a body that is JSON. */
function jsonIn(body: Buffer): string | undefined {
  const text = body.toString('utf8').replace(/^\ufeff/, '');
  return isJson(text) ? text : undefined;
}

/** The scalar at the pointer, as text: a string's own, a number as it is written. Undefined for anything else. */
function scalarAt(json: string | undefined, { tokens }: PollMatch): string | undefined {
  const text = json === undefined ? undefined : textAt(json, tokens);
  if (text === undefined || /^[[{]/.test(text)) return undefined;
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** `/state is "running"`, for people who wonder why it does not end. */
function seenAt(json: string | undefined, { pointer, tokens }: PollMatch): string {
  const text = json === undefined ? undefined : textAt(json, tokens);
  if (text === undefined) return `nothing at ${pointer}`;
  if (text.startsWith('{')) return `an object at ${pointer}`;
  return text.startsWith('[') ? `an array at ${pointer}` : `${pointer} is ${clip(text, MOST_SEEN)}`;
}
