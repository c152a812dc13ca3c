/** Failures of an attempt as values: their kind and a message that names what to look at, without secrets. */

import { STATUS_CODES } from 'node:http';
import type { Failure, FailureKind, TimeoutPhase } from '../../core/case.js';
import type { AttemptFailure } from '../../core/ports.js';
import { isCertificateCode, isRetryable } from '../../core/flow/retryable.js';
import { systemCode } from '../../errors.js';
import { beginningOf, SHOWN_BYTES } from './answer.js';
import { ProxyError, tlsFacts } from './connector.js';
import type { Redactor } from '../secrets/redact.js';

/** How far an attempt had got when it failed. */
export type Phase = 'connect' | 'response' | 'body';

/** What went wrong, before it is put into a Failure. */
export interface Facts {
  readonly kind: FailureKind;
  readonly message: string;
  readonly code?: string | undefined;
  readonly phase?: TimeoutPhase | undefined;
  readonly httpStatus?: number | undefined;
  readonly body?: Buffer | undefined;
  readonly requestId: string;
  readonly askedWaitMs?: number | undefined;
  /** Nothing was sent. */
  readonly unsent?: boolean | undefined;
  /** The answer comes later: another run may find it. */
  readonly later?: boolean;
}

/** Puts the facts into an outcome; message and body come out without secrets. */
export function attemptFailure(facts: Facts, redactor: Redactor): AttemptFailure {
  const { kind, message, code, phase, httpStatus, body, requestId, askedWaitMs, unsent } = facts;
  const failure: Failure = {
    kind,
    message: shown(message, redactor),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(code !== undefined && { code }),
    ...(phase !== undefined && { phase }),
    retryable: facts.later ?? isRetryable({ kind, httpStatus, code, asked: askedWaitMs !== undefined }),
    requestId,
    ...(body !== undefined && body.length > 0 && { body: redactor.redactCut(beginningOf(body)) }),
  };
  return { ok: false, failure, ...(askedWaitMs !== undefined && { askedWaitMs }), ...(unsent && { unsent }) };
}

// Some messages quote headers, which can be long.
const MAX_MESSAGE = 300;

function shown(message: string, redactor: Redactor): string {
  return shownUpTo(MAX_MESSAGE, message, redactor);
}

/** The beginning of a text, without secrets, not even a part of one at the cut. */
export function shownUpTo(length: number, text: string, redactor: Redactor): string {
  if (text.length <= length) return redactor.redact(text);
  return `${redactor.redactCut(text.slice(0, length))}…`;
}

/** What is wrong with one case's part of an answer; it comes out without secrets, as every failure does. */
export function partFailure(message: string, part: string | undefined, redactor: Redactor): AttemptFailure {
  const body = part === undefined ? undefined : Buffer.from(part.slice(0, SHOWN_BYTES), 'utf8');
  const failure: Failure = {
    kind: 'response',
    message: shown(message, redactor),
    retryable: false,
    ...(body !== undefined && { body: redactor.redactCut(beginningOf(body)) }),
  };
  return { ok: false, failure };
}

/** `503 Service Unavailable`, in the endpoint's own words if it has any. */
export function statusMessage(httpStatus: number, statusText: string): string {
  const words = statusText.trim() || STATUS_CODES[httpStatus] || '';
  return words === '' ? String(httpStatus) : `${httpStatus} ${words}`;
}

/** The message of a timeout, by how far the attempt had got. */
export function timeoutMessage(phase: Phase, timeoutMs: number, deadline: boolean, receivedBytes: number): string {
  const within = `within ${duration(timeoutMs)}${deadline ? ", which the case's deadline left" : ''}`;
  if (phase === 'connect') return `no connection ${within}`;
  if (phase === 'response') return `no answer ${within}`;
  return `the answer did not end ${within} (${receivedBytes} bytes came)`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${Number((ms / 1000).toFixed(1))}s`;
}

type Cause = Pick<Facts, 'kind' | 'message' | 'code'> & { readonly httpStatus?: number | undefined };

/**
 * What an error of the connection means; `origin` is the server or proxy of that connection. The phase is `handshake`
 * where a request was sent before the server had confirmed the TLS handshake.
 */
export function causeOf(error: Error, phase: Phase | 'handshake', origin: string, receivedBytes: number): Cause {
  if (error instanceof ProxyError) {
    return { kind: 'network', message: error.message, code: error.code, httpStatus: error.httpStatus };
  }
  const protocol = protocolProblem(error, phase);
  if (protocol !== undefined) return { kind: 'response', message: protocol };
  const code = networkCode(error);
  if (code === undefined) return { kind: 'response', message: `the exchange failed: ${error.message}` };
  return { kind: 'network', code, message: networkMessage(error, code, phase, origin, receivedBytes) };
}

// undici's errors about malformed answers, other than those of its parser.
const PROTOCOL_CODES: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of the answer are too large'],
  ['UND_ERR_INVALID_ARG', 'the request could not be sent'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'the request could not be sent'],
]);

function protocolProblem(error: Error, phase: Phase | 'handshake'): string | undefined {
  const code = systemCode(error) ?? '';
  if (error.name === 'HTTPParserError' && !isCutOff(error)) {
    return `the answer is not valid HTTP: ${parserReason(error)}`;
  }
  // Before the body, this code means a content-length that is not a number.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && phase !== 'body') {
    return 'the answer is not valid HTTP: its content-length is no number';
  }
  // An assertion inside undici failed on the answer.
  if (code === 'ERR_ASSERTION' && phase !== 'connect') return 'the answer is not valid HTTP';
  if (code === 'UND_ERR_SOCKET' && /^bad (?:response|upgrade)/.test(error.message)) {
    return `the answer is not valid HTTP: ${error.message}`;
  }
  return PROTOCOL_CODES.get(code);
}

/** The other side closed the connection where an answer, or the rest of it, was due. */
function isCutOff(error: Error): boolean {
  const code = systemCode(error) ?? '';
  if (error.name === 'HTTPParserError') return error.message.includes('Invalid EOF state');
  return code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

function parserReason(error: Error): string {
  return /\((.*)\)$/.exec(error.message)?.[1] ?? error.message;
}

function networkCode(error: Error): string | undefined {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  // A plain close by the other side is no failed system call; node:http uses this code for it too.
  return isCutOff(error) ? 'ECONNRESET' : (systemCode(error) ?? systemCode(first) ?? systemCode(error.cause));
}

function networkMessage(
  error: Error,
  code: string,
  phase: Phase | 'handshake',
  origin: string,
  receivedBytes: number,
): string {
  // In TLS 1.3 a client certificate is refused only after the request has been sent.
  if (isCertificateCode(code)) return certificateMessage(error, code, origin);
  // Some servers send no alert about a certificate that they don't accept: they close the connection.
  if (phase === 'handshake') return `${origin} closed the connection right after the TLS handshake (${code})`;
  if (phase === 'connect' && code === 'ECONNRESET' && origin.startsWith('https:')) {
    return `${origin} closed the connection in the TLS handshake (${code})`;
  }
  if (phase === 'body') return `the answer was cut off after ${receivedBytes} bytes (${code})`;
  if (phase === 'response') {
    const how = systemCode(error) === 'UND_ERR_SOCKET' ? 'closed' : 'lost';
    return `the connection was ${how} before an answer came (${code})`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `cannot find the host ${new URL(origin).hostname} (${code})`;
  const why = code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? ': it does not speak TLS' : '';
  return `cannot connect to ${origin} (${code})${why}`;
}

function certificateMessage(error: Error, code: string, origin: string): string {
  const { issuer, showedCertificate = false } = tlsFacts(error) ?? {};
  if (/^ERR_SSL_.*_ALERT_/.test(code)) return `${alertWords(code, origin, showedCertificate)} (${code})`;
  const what = `the certificate of ${new URL(origin).hostname}${issuer === undefined ? '' : `, issued by ${issuer},`}`;
  if (code === 'CERT_HAS_EXPIRED') return `${what} has expired (${code})`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${what} is for another name (${code})`;
  return `${what} is not trusted (${code})`;
}

/** What an alert of the endpoint says about the client's certificate. A refused handshake may have other reasons. */
function alertWords(code: string, origin: string, showedCertificate: boolean): string {
  if (code.endsWith('_CERTIFICATE_REQUIRED')) return `${origin} wants a client certificate`;
  const isVague = /_(?:HANDSHAKE_FAILURE|ACCESS_DENIED|DECRYPT_ERROR)$/.test(code);
  if (showedCertificate) {
    return isVague ? `${origin} refused the TLS handshake` : `${origin} does not accept the client certificate`;
  }
  return isVague
    ? `${origin} refused the TLS handshake: it may want a client certificate`
    : `${origin} wants a client certificate`;
}
