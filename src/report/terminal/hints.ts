/** What to do about a group of failures: one hint, and only where it follows from the data. */

import type { FailureGroup } from '../../core/results/failure-groups.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { durationFlag, formatBytes, formatDuration } from '../../text/format.js';
import { shellQuote } from '../../text/shell.js';
import { validateCommand } from './selection-notes.js';
import { fit, fitPrintable, printable } from '../../text/printable.js';

/** The facts about the command line that reports may show. No secrets: they are `***` already. */
export interface CommandFacts {
  /** The arguments as given, the command's name first. */
  readonly argv: readonly string[];
  /** The case files; `-` is standard input. */
  readonly files: readonly string[];
  /** The file that the results went to; absent for standard output. */
  readonly output?: string | undefined;
  /** True when a later run can go on from `output` with `--resume`. */
  readonly journal: boolean;
  readonly deadLetter?: string | undefined;
  /** As given: `0`, `5`, `1%`. */
  readonly allowFailures: string;
  /** The flags of the line that every other command for these case files needs: `--root`, `--id-field`, `--config`. */
  readonly inputFlags?: readonly string[];
  /** Those that a command for the results needs. */
  readonly configFlags?: readonly string[];
  /** A journal that could be written besides; absent where the settings ask for another form, or nothing is free. */
  readonly freeJournal?: string | undefined;
  readonly maxFailures?: string | undefined;
  /** Cases that `--only` has left out and that have no result. */
  readonly leftOutMissing?: number | undefined;
  /** The number of valid cases given with `--first`. */
  readonly first?: number | undefined;
  readonly maxRetryAfterMs?: number | undefined;
  readonly maxResponseBytes?: number | undefined;
  /** The headers that are sent besides the standard ones, and the file or flag that gave them; absent if not known. */
  readonly headers?: readonly { readonly name: string; readonly from?: string | undefined }[];
  /** True when a token is sent that is got anew when it ends. */
  readonly hasTokens?: boolean;
  /** The environment variable that has the credentials of a proxy. */
  readonly proxyFrom?: string | undefined;
}

/** The data that hints are derived from. */
export interface HintContext {
  readonly run: RunInfo;
  readonly summary: Pick<Summary, 'enriched' | 'resumed' | 'skipped' | 'failed'>;
  readonly command: CommandFacts;
  /** The longest successful attempt of this run. */
  readonly slowestSuccessMs?: number | undefined;
}

type Hint = string | undefined;

/** The hint for a group, ready to be shown; undefined when the data suggests nothing. */
export function hintFor(group: FailureGroup, context: HintContext): string | undefined {
  if (group.status === 'invalid') return invalidHint(group, context);
  if (group.notRetried === 'unsafe') return unsafeHint(context);
  if (group.notRetried === 'deadline') return deadlineHint(context);
  if (group.notRetried !== 'budget') return causeHint(group, context);
  // Where no call has ever succeeded, waiting does not help.
  return (nothingEnriched(context) ? causeHint(group, context) : undefined) ?? againLater(context);
}

/** The hint for what failed, whether or not it was retried. */
export function causeHint(group: FailureGroup, context: HintContext): string | undefined {
  if (group.kind === 'http') return httpHint(group, context);
  if (group.kind === 'timeout') return timeoutHint(group, context);
  if (group.kind === 'network') return networkHint(group, context);
  return group.kind === 'response' ? responseHint(group, context) : undefined;
}

/** The beginning of the endpoint's URL, for people: scheme, host and port. */
export function originOf(endpoint: string): string {
  return fitPrintable(/^[a-z]+:\/\/[^/?#]+/i.exec(endpoint)?.[0] ?? endpoint, 60);
}

/** True when this run got no answer that it could use. */
export function nothingEnriched({ summary }: Pick<HintContext, 'summary'>): boolean {
  return summary.enriched <= summary.resumed + (summary.skipped ?? 0);
}

function invalidHint(group: FailureGroup, { command }: HintContext): Hint {
  if (group.unsendable) return 'the request needs a value that these cases do not have: see --endpoint and --body';
  return validateCommand(command);
}

function unsafeHint({ run }: HintContext): string {
  return `a second ${printable(run.method)} might be processed twice: --retry-unsafe if the endpoint can take that`;
}

function deadlineHint({ run }: HintContext): string {
  return `a case has ${formatDuration(run.limits.deadlineMs)}, waits included: try --deadline ${durationFlag(2 * run.limits.deadlineMs)}`;
}

function againLater({ command }: HintContext): string {
  return command.journal ? 'run again later with --resume; it calls only what is not enriched' : 'run again later';
}

function httpHint(group: FailureGroup, context: HintContext): Hint {
  const status = group.httpStatus ?? 0;
  if (status === 401 || status === 403) return credentialsHint(status, context);
  if (status === 407) return proxyHint(context);
  if (status === 404) return notFoundHint(context);
  // nginx says by a web page what others say by an alert.
  if (status === 400 && /No required SSL certificate/i.test(group.words ?? '')) return GIVE_CERTIFICATE;
  if (status === 400 && /SSL certificate error/i.test(group.words ?? '')) return CHECK_CERTIFICATE;
  if (status === 429) return `fewer calls at once or a second help: try ${slower(context)}`;
  if (status >= 500 || status === 408 || status === 425) return againLater(context);
  if (status >= 300 && status < 400) return 'give the address that it redirects to as --endpoint';
  return OTHER_STATUS.get(String(status));
}

const REFUSED_CASES = 'the endpoint refuses these cases: fix them in the file, a retry will not help';
const OTHER_STATUS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    400: REFUSED_CASES,
    405: 'the endpoint does not take this method here: see --method',
    413: 'these cases are larger than the endpoint takes: see --body to send less of them',
    415: "the endpoint wants another content type: --header 'content-type: …'",
    422: REFUSED_CASES,
  }),
);

function proxyHint({ command: { proxyFrom } }: HintContext): string {
  if (proxyFrom === undefined) return 'the proxy wants credentials: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT';
  return `sent proxy-authorization: *** from ${printable(proxyFrom)}; is it right, and still valid?`;
}

function credentialsHint(status: number, context: HintContext): string {
  const { command } = context;
  if (command.headers === undefined) return '--header @FILE sends credentials from a file: are they right?';
  const sent = command.headers.map(
    ({ name, from }) => `${printable(name)}: ***${from ? ` from ${printable(from)}` : ''}`,
  );
  if (sent.length === 0) return 'no header with credentials was sent: --header @FILE reads one from a file';
  const shown = `sent ${fit(sent.join(', '), 100)}`;
  if (status !== 401) return `${shown}; may it read these cases?`;
  if (command.hasTokens !== false || nothingEnriched(context)) return `${shown}; is it right, and still valid?`;
  return `${shown}; has it ended? --token-command, --token-file or --oauth2-token-url renew it during the run`;
}

function notFoundHint(context: HintContext): string {
  if (/^demo\b/.test(context.run.endpoint))
    return 'the demo endpoint knows the sample cases only, CASE-001 to CASE-040';
  if (!nothingEnriched(context)) return 'the endpoint does not know these ids';
  return `no case was found there: is ${fitPrintable(context.run.endpoint, 100)} right?`;
}

function slower({ run }: HintContext): string {
  const { limit, adaptive } = run.limits;
  const fewer = limit > 1 ? `--limit ${Math.ceil(limit / 2)}` : '--rate 1/s';
  return adaptive ? fewer : `${fewer} or --adaptive`;
}

function timeoutHint(group: FailureGroup, context: HintContext): Hint {
  const { timeoutMs } = context.run.limits;
  if (group.phase === 'deadline') return deadlineHint(context);
  if (group.phase === 'poll') return 'more time with --poll-timeout; --resume goes on asking where these were left';
  if (group.phase === 'connect')
    return `no connection to ${originOf(context.run.endpoint)}: a firewall, a VPN, a proxy?`;
  const slowest = context.slowestSuccessMs;
  const longer = `try --timeout ${durationFlag(2 * timeoutMs)}`;
  if (slowest === undefined) return `no call was answered within ${formatDuration(timeoutMs)}: ${longer}`;
  if (slowest > timeoutMs / 2) return `slowest success took ${formatDuration(slowest)}: ${longer}`;
  const others = `the others were answered within ${formatDuration(slowest)}, so more time will hardly help`;
  return `${others}: ${againLater(context)}`;
}

const UNTRUSTED_CERTIFICATE =
  /^(UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|(DEPTH_ZERO_)?SELF_SIGNED_CERT(_IN_CHAIN)?)$/;
const CUT_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN', 'ENETDOWN']);

function networkHint(group: FailureGroup, context: HintContext): Hint {
  const code = group.code ?? '';
  if (group.httpStatus === 407) return proxyHint(context);
  if (/\bproxy\b/i.test(group.message)) return 'check HTTP_PROXY and HTTPS_PROXY; NO_PROXY=HOST goes past the proxy';
  if (code === 'ECONNREFUSED') return refusedHint(context);
  if (code === 'ENOTFOUND') return `there is no such host: is ${originOf(context.run.endpoint)} spelled right?`;
  if (code === 'EAI_AGAIN') return 'the name server did not answer: is there a network?';
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many open files: a lower --limit, or a higher `ulimit -n`';
  if (CLIENT_CERTIFICATE.test(group.message)) return clientCertificateHint(group.message, code);
  if (CUT_CONNECTION.has(code)) return `the other side cut the connection: try ${slower(context)}`;
  if (UNREACHABLE.has(code)) return `${originOf(context.run.endpoint)} cannot be reached: a firewall, a VPN, a proxy?`;
  return tlsHint(code, context);
}

const CLIENT_CERTIFICATE = /client certificate|TLS handshake/;
const GIVE_CERTIFICATE = 'give a client certificate: --cert FILE --key FILE, or --pfx FILE';
const CHECK_CERTIFICATE =
  'is it from an authority that the endpoint trusts, with the intermediate ones after it in --cert?';

/** The flags for a client certificate, or what may be wrong with the one that was shown. */
function clientCertificateHint(message: string, code: string): string {
  if (/may want|wants a client/.test(message)) return GIVE_CERTIFICATE;
  if (/(?:in|right after) the TLS handshake/.test(message))
    return 'does it want a client certificate, or another one? --cert, --pfx';
  if (/EXPIRED|REVOKED/.test(code)) return 'it has ended or was revoked: renew it (--cert, --pfx)';
  return CHECK_CERTIFICATE;
}

function refusedHint(context: HintContext): string {
  if (!nothingEnriched(context)) return againLater(context);
  return 'is the server running? --endpoint demo uses the built-in one';
}

function tlsHint(code: string, { run }: HintContext): Hint {
  if (UNTRUSTED_CERTIFICATE.test(code)) return "if you trust its issuer, name the issuer's certificate: --ca FILE.pem";
  if (code === 'CERT_HAS_EXPIRED') return "the endpoint's certificate has expired: its operator has to renew it";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate is for another host name: use that name in --endpoint';
  const noTls = code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO';
  return noTls && /^https:/i.test(run.endpoint) ? 'http:// instead of https://?' : undefined;
}

function responseHint(group: FailureGroup, context: HintContext): Hint {
  const { message, httpStatus } = group;
  if (httpStatus === 202 && /comes later \([^,]*\)$/.test(message))
    return '--poll asks again until it is there; --accept-status 202 takes this answer as it is';
  if (message.endsWith('--poll-url')) return "for example --poll-url '/jobs/{answer:/id}'";
  if (message.endsWith('--poll-url needs'))
    return 'is the pointer in --poll-url right? It is into the first answer: {answer:/id}';
  if (/redirect/i.test(message)) return redirectHint(message, context);
  if (/\bschema\b/i.test(message))
    return 'the answer is not what --response-schema asks for: one of the two has to change';
  if (/\bnothing at \//.test(message)) return 'is --pick right? --pick "" takes the whole answer';
  if (/\b(larger|too large|over size)\b/i.test(message) && !/headers/.test(message)) return sizeHint(context);
  if (group.html || /\bHTML\b/.test(message)) return 'check the path, and whether credentials are missing';
  return undefined;
}

function redirectHint(message: string, { run }: HintContext): string {
  const secure = run.endpoint.replace(/^http:/i, 'https:');
  if (secure !== run.endpoint && /\bto https\b(?!:\/\/)/.test(message)) {
    // A truncated URL would be another endpoint.
    return secure.length > 200 ? 'use https: in --endpoint' : `use https: --endpoint ${shellQuote(secure)}`;
  }
  return 'give the address that it redirects to as --endpoint';
}

// What --max-response-size takes at most.
const LARGEST_RESPONSE = 256 * 1024 ** 2;

function sizeHint({ command }: HintContext): string {
  const size = command.maxResponseBytes;
  if (size === undefined) return 'see --max-response-size';
  if (size >= LARGEST_RESPONSE) return 'no more can be read: ask the endpoint for less';
  return `try --max-response-size ${formatBytes(Math.min(2 * size, LARGEST_RESPONSE))}`;
}
