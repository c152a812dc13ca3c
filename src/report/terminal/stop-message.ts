/** Why a run ended before its input did, and how to go on: the first thing that people read about it. */

import type { FailureGroup } from '../../core/results/failure-groups.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { endpointWords } from '../../core/results/endpoint-words.js';
import { isStopReason, type StopReason, type Summary } from '../../core/results/run-info.js';
import type { OutageEvent } from '../../core/ports.js';
import { ALL_FAILING_AFTER, type Refusal } from '../../core/run/stop-rules.js';
import { formatCounted, formatDuration, formatCount } from '../../text/format.js';
import { causeHint, type HintContext, originOf } from './hints.js';
import { printable } from '../../text/printable.js';
import { NO_END } from '../view.js';

/** What ended the run: one line that says what, lines that say where, and the remedy. Ready to be shown. */
export interface StopMessage {
  /** `error` for problems to fix; `stopped` for what the user asked for. */
  readonly label: 'error' | 'stopped';
  readonly message: string;
  readonly details?: readonly string[];
  readonly hint?: string | undefined;
}

export interface StopContext extends HintContext {
  readonly summary: Summary;
  readonly groups: readonly FailureGroup[];
  readonly exitCode: number;
  /** The outage that ended the run; absent of saved results. */
  readonly outage?: OutageEvent | undefined;
  /** Why there was no token, where that ended the run; absent of saved results. */
  readonly tokenProblem?: string | undefined;
  /** The calls that were refused one after another, which ended the run; absent of saved results. */
  readonly refusal?: Refusal | undefined;
  /** The error that ended the run, for `input` and `output`. */
  readonly cause?: {
    readonly message: string;
    readonly details?: readonly string[];
    readonly hint?: string | undefined;
  };
}

/** The message for the run's stop reason; undefined for a run that read its input to the end. */
export function stopMessage(context: StopContext): StopMessage | undefined {
  const reason = context.run.stoppedBy;
  if (reason === null) return undefined;
  const { cause } = context;
  if (cause !== undefined) return { label: 'error', ...cause };
  // Results of another version may have a reason that this one does not know.
  return isStopReason(reason) ? MESSAGES[reason](context) : { label: 'stopped', message: reason };
}

type MessageOf = (context: StopContext) => StopMessage;

const MESSAGES: Readonly<Record<StopReason, MessageOf>> = {
  signal: ({ exitCode }) => ({ label: 'stopped', message: SIGNALS[exitCode] ?? 'interrupted' }),
  'fail-fast': () => ({ label: 'stopped', message: 'a case failed (--on-failure fail-fast)' }),
  'max-failures': maxFailuresMessage,
  'all-failing': allFailingMessage,
  'rate-limited': rateLimitedMessage,
  outage: outageMessage,
  auth: authMessage,
  'max-time': maxTimeMessage,
  strict: strictMessage,
  request: () => ({ label: 'stopped', message: 'somebody asked for it on the live page (--live-control)' }),
  input: () => ({ label: 'error', message: 'the input could not be read to its end' }),
  output: () => ({ label: 'error', message: 'the results could not be written' }),
  unfinished: () => ({ label: 'stopped', message: NO_END }),
};
const SIGNALS: Readonly<Record<number, string>> = { 129: 'hang-up', 130: 'interrupted', 143: 'terminated' };

function maxFailuresMessage({ summary, command }: StopContext): StopMessage {
  const allowed = command.maxFailures === undefined ? '--max-failures' : `--max-failures ${command.maxFailures}`;
  return { label: 'stopped', message: `${formatCounted(summary.failed, 'case')} failed (${allowed})` };
}

function maxTimeMessage({ run }: StopContext): StopMessage {
  const { maxTimeMs } = run.limits;
  const given = maxTimeMs === null ? '' : ` ${formatDuration(maxTimeMs)}`;
  return { label: 'stopped', message: `the time for the run is over (--max-time${given})` };
}

function strictMessage({ groups }: StopContext): StopMessage {
  const first = groups.find((group) => group.status === 'invalid');
  const where = first === undefined ? '' : `: ${printable(first.examples[0] ?? '')}: ${printable(first.message)}`;
  return { label: 'stopped', message: `an invalid record (--strict)${where}` };
}

function rateLimitedMessage({ run, summary, command }: StopContext): StopMessage {
  const who = originOf(run.endpoint);
  if (summary.retryAt === undefined)
    return { label: 'error', message: `${who} kept asking to wait, without one success` };
  const inMs = Math.max(0, Date.parse(summary.retryAt) - Date.parse(run.finishedAt));
  const longest = command.maxRetryAfterMs;
  const limit = longest === undefined ? '' : `, longer than --max-retry-after ${formatDuration(longest)}`;
  const message = `${who} asks to come back at ${summary.retryAt}, in ${formatDuration(inMs)}${limit}`;
  const how = command.journal ? ' with --resume; it calls only what is missing' : '';
  return { label: 'error', message, hint: `run again after that${how}` };
}

function outageMessage({ run, command, outage }: StopContext): StopMessage {
  const { maxOutageMs } = run.limits;
  const who = originOf(run.endpoint);
  const limit = maxOutageMs == null ? '--max-outage' : `--max-outage ${formatDuration(maxOutageMs)}`;
  const how = command.journal ? ' with --resume; it calls only what is not enriched' : '';
  return {
    label: 'error',
    message:
      outage === undefined
        ? `${who} stayed down for longer than ${limit}`
        : `${who} has been down since ${instant(outage.sinceMs)}, ${formatDuration(outage.ms)}: longer than ${limit}`,
    ...(outage === undefined ? {} : { details: [whatItSaid(outage)] }),
    hint: `run again when it is up${how}`,
  };
}

/** What came of the last try, in the endpoint's own words where it has any. */
function whatItSaid({ outcome, tries }: OutageEvent): string {
  if (outcome.ok) return '';
  const { kind, message, body } = outcome.failure;
  const words = kind === 'http' ? endpointWords(body) : undefined;
  return `the last of ${formatCounted(tries + 1, 'try', 'tries')}: ${message}${words === undefined ? '' : ` (${words})`}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function authMessage({ run, command, tokenProblem }: StopContext): StopMessage {
  const how = command.journal ? ' with --resume; it calls only what is not enriched' : '';
  return {
    label: 'error',
    message: `no token that ${originOf(run.endpoint)} takes${tokenProblem === undefined ? '' : `: ${printable(tokenProblem)}`}`,
    hint: `look at where the token comes from, then run again${how}`,
  };
}

function allFailingMessage(context: StopContext): StopMessage {
  const { refusal } = context;
  const failed = context.groups.filter(({ status }) => status === 'failed');
  const group = failed.find(({ httpStatus }) => httpStatus === refusal?.httpStatus) ?? failed[0];
  const what = group === undefined ? 'every case fails' : whatFailed(group, context);
  const message = `${what}${refusal?.goodCalls ? refusedText(refusal) : `: ${howManyFailed(context.summary)}`}`;
  const mend = group === undefined ? undefined : causeHint(group, context);
  const regardless = '--max-failures none goes on regardless';
  return {
    label: 'error',
    message,
    hint: mend === undefined ? regardless : `${mend}${mend.endsWith('?') ? '' : ';'} ${regardless}`,
  };
}

/** Credentials that were right for a while. */
function refusedText({ since, calls, goodCalls }: Refusal): string {
  return ` since ${since}, after ${formatCounted(goodCalls, 'good call')}: ${formatCount(calls)} calls in a row were refused`;
}

/** Calls that were under way when the run stopped may have ended well. */
function howManyFailed({ failed, enriched, resumed, skipped = 0 }: Summary): string {
  const called = enriched - resumed - skipped;
  const done = formatCounted(failed + called, 'case');
  const counts = `${formatCount(failed)} of the first ${done}`;
  // Not the first ones, then, but those at the end.
  if (called >= ALL_FAILING_AFTER) return `${formatCount(failed)} of ${done} failed`;
  return called > 0 ? `the first ones all failed, ${counts} in the end` : `${counts} failed`;
}

function whatFailed(group: FailureGroup, { run }: StopContext): string {
  const who = originOf(run.endpoint);
  if (group.kind === 'network') return namingHost(printable(withoutAttempts(group.message)), who);
  if (group.kind === 'timeout') return `no answer from ${who} within ${formatDuration(run.limits.timeoutMs)}`;
  if (group.kind === 'http') return `${who} answers ${printable(statusText(group))}`;
  return `${printable(failureLabel(group))} from ${who}: ${printable(group.message)}`;
}

function withoutAttempts(message: string): string {
  return message.replace(/ after \d+ attempts$/, '');
}

function namingHost(message: string, who: string): string {
  const host = who.replace(/^[a-z]+:\/\//i, '').replace(/:\d+$/, '');
  return message.includes(host) ? message : `${who}: ${message}`;
}

function statusText({ httpStatus, message }: FailureGroup): string {
  const words = withoutAttempts(message);
  return words.startsWith(String(httpStatus)) ? words : `${httpStatus ?? ''} ${words}`;
}
