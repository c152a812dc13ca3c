/** What an answer that is no enrichment means, by its status. */

import type { IncomingHttpHeaders } from 'node:http';
import { COMES_LATER } from '../../core/flow/accepted-statuses.js';
import { askedWaitMs } from '../../core/flow/asked-wait.js';
import { waitHeadersOf } from './answer-headers.js';
import { refusal } from './connector.js';
import { statusMessage, type Facts } from './failure.js';
import type { Proxy } from './proxy.js';

/** The head of an answer. */
export interface Head {
  readonly httpStatus: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
}

/** The facts of a failure: the endpoint's, or those of the forward proxy that the request went through. */
export function refusedBy(
  { httpStatus, statusText, headers }: Head,
  body: Buffer,
  forward: Proxy | undefined,
  wallNowMs: number,
): Omit<Facts, 'requestId'> {
  if (httpStatus === 407 && forward !== undefined) {
    const { message, code } = refusal(forward, httpStatus);
    return { kind: 'network', message, code, httpStatus, body };
  }
  const message = statusMessage(httpStatus, statusText);
  if (httpStatus === COMES_LATER) {
    return { kind: 'response', message: `the answer comes later (${message})`, httpStatus, body, later: true };
  }
  const asked = askedWaitMs(httpStatus, waitHeadersOf(headers), wallNowMs);
  return { kind: 'http', message, httpStatus, body, askedWaitMs: asked };
}
