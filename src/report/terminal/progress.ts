/** A run under way as text: the live lines of a terminal, the plain line of a log, lines about single events. */

import type { EnrichmentResult } from '../../core/case.js';
import { endpointWords } from '../../core/results/endpoint-words.js';
import { failureLabel } from '../../core/results/failure-label.js';
import type { OutageEvent } from '../../core/ports.js';
import { type OutageNow, type RunState, timeLeftMs } from '../../core/results/run-state.js';
import { formatCount, formatDuration, formatRate } from '../../text/format.js';
import { fitStyled, type Style, styledWidth } from '../../text/style.js';
import { fitPrintable, pad, printable } from '../../text/printable.js';

const WIDEST_BAR = 34;
const NARROWEST_BAR = 8;
/** An upper bound on the width of terminals. */
const WIDEST_WORDS = 1000;

/** The two live lines, each in at most `width` columns. */
export function progressFrame(state: RunState, width: number, style: Style): string[] {
  const second = state.phase === 'running' ? countsLine(state, width, style) : interruptedLine(state, style);
  return [barLine(state, width, style), `  ${second}`].map((line) => fitStyled(line, width));
}

/** `[00:10] 1,842/2,963 62% ok 1,829 failed 11 invalid 2 412/s about 3s left`. */
export function plainLine(state: RunState): string {
  const { total, done } = state;
  const parts = [
    `[${clockText(state.elapsedMs)}]`,
    total === null ? formatCount(done) : `${formatCount(done)}/${formatCount(total)} ${percent(done, total)}`,
    `ok ${formatCount(state.enriched)} failed ${formatCount(state.failed)} invalid ${formatCount(state.invalid)}`,
  ];
  if (state.cancelled > 0) parts.push(`cancelled ${formatCount(state.cancelled)}`);
  if (pendingOf(state) > 0) parts.push(`pending ${formatCount(pendingOf(state))}`);
  parts.push(`${formatRate(state.recentRate)}/s`);
  const left = timeLeftMs(state);
  if (left !== undefined) parts.push(`about ${roughDuration(left)} left`);
  if (state.outage !== undefined) parts.push(outageText(state.outage));
  else if (state.isTokenAwaited) parts.push(TOKEN_AWAITED);
  else if (pauseLeft(state) > 0) parts.push(`paused ${formatDuration(pauseLeft(state))}`);
  if (state.phase !== 'running') parts.push(`${state.phase} ${formatCount(state.inFlight)}`);
  return parts.join(' ');
}

const TOKEN_AWAITED = 'waiting for a token';

/** `✗ CASE-0181  http 422    priority must be one of low, normal, high`: the endpoint's words, else the message. */
export function failureLine(result: Pick<EnrichmentResult, 'caseId' | 'error'>, style: Style): string {
  const { caseId, error } = result;
  const label = error === null ? '' : printable(failureLabel(error));
  const words = (error?.kind === 'http' ? endpointWords(error.body) : undefined) ?? error?.message ?? '';
  return `${style.red('✗')} ${pad(fitPrintable(caseId ?? 'no id', 40), 9)}  ${pad(label, 10)}  ${fitPrintable(words, WIDEST_WORDS)}`;
}

/** What is said when the endpoint makes the whole run wait. */
export interface Pause {
  readonly host: string;
  readonly httpStatus: number;
  readonly waitMs: number;
  /** True when the endpoint said how long. */
  readonly asked: boolean;
}

/** `! 429 from api.example.com: waiting 12s, as it asked (Retry-After)`. */
export function pauseLine({ host, httpStatus, waitMs, asked }: Pause, style: Style): string {
  const why = asked ? ', as it asked (Retry-After)' : '';
  return `${style.yellow('!')} ${httpStatus} from ${printable(host)}: waiting ${formatDuration(waitMs)}${why}`;
}

/** `endpoint down since 12:03:10, next try in 8s`; like the log, in UTC. */
export function outageText({ sinceMs, nextTryMs }: OutageNow): string {
  const next = nextTryMs === null || nextTryMs <= 0 ? 'trying now' : `next try in ${roughDuration(nextTryMs)}`;
  return `endpoint down since ${new Date(sinceMs).toISOString().slice(11, 19)}, ${next}`;
}

/** `! api.example.com is down: cannot connect (ECONNREFUSED)`, or that it is back; undefined for what is not told. */
export function outageLine({ change, ms, outcome }: OutageEvent, host: string, style: Style): string | undefined {
  const who = `${style.yellow('!')} ${printable(host)}`;
  const said = outcome.ok ? '' : `: ${fitPrintable(outcome.failure.message, WIDEST_WORDS)}`;
  if (change === 'began') return `${who} is down${said}; calls wait until it is back (--max-outage)`;
  return change === 'ended' ? `${who} is back after ${formatDuration(ms)}` : undefined;
}

const PAUSE_TOLD_EVERY_MS = 10_000;

/**
 * Which pauses are reported: one in ten seconds, and every one that is as long as that. An endpoint that asks for a second
 * every second would fill the log of a long run; the summary has the count.
 */
export class PauseNotices {
  #toldAt = Number.NEGATIVE_INFINITY;

  /** True when a pause of `waitMs` that begins at `nowMs` is to be told. */
  tell(nowMs: number, waitMs: number): boolean {
    if (waitMs < PAUSE_TOLD_EVERY_MS && nowMs - this.#toldAt < PAUSE_TOLD_EVERY_MS) return false;
    this.#toldAt = nowMs;
    return true;
  }
}

/** A rate averaged with exponentially fading weight; from its first moment it is the average so far. */
export interface RateSample {
  readonly atMs: number;
  readonly done: number;
  readonly perSecond: number;
  /** How much of the average's full weight there is yet, from 0 to 1. */
  readonly weight: number;
}

const FADE_MS = 5000;

/** The sample to begin with. */
export function firstSample(atMs: number, done = 0): RateSample {
  return { atMs, done, perSecond: 0, weight: 0 };
}

/** The average after `done` things were done by `nowMs`; what was done 5 s ago weighs a third. */
export function nextSample(last: RateSample, nowMs: number, done: number): RateSample {
  const passedMs = nowMs - last.atMs;
  if (passedMs <= 0) return last;
  const keep = Math.exp(-passedMs / FADE_MS);
  const now = ((done - last.done) * 1000) / passedMs;
  const weight = last.weight * keep + (1 - keep);
  const perSecond = (last.perSecond * last.weight * keep + now * (1 - keep)) / weight;
  return { atMs: nowMs, done, perSecond, weight };
}

function barLine(state: RunState, width: number, style: Style): string {
  const { done, total } = state;
  const rate = `${formatRate(state.recentRate)}/s`;
  if (total === null) return `  ${formatCount(done)} so far   ${rate}   ${clockText(state.elapsedMs)}`;
  const left = timeLeftMs(state);
  const share = `${formatCount(done)} of ${formatCount(total)}   ${pad(percent(done, total), 4, 'right')}   ${rate}`;
  const facts = left === undefined ? share : `${share}   about ${roughDuration(left)} left`;
  const room = Math.min(WIDEST_BAR, width - facts.length - 4);
  return room < NARROWEST_BAR ? `  ${facts}` : `  ${bar(done, total, room, style)}  ${facts}`;
}

/** Filled to the half column; the rest is a lighter line, so that it can be told without colours. */
function bar(done: number, total: number, width: number, style: Style): string {
  const halves = total === 0 ? 2 * width : Math.floor((Math.min(done, total) / total) * 2 * width);
  const full = '━'.repeat(halves >> 1) + (halves % 2 === 1 ? '╸' : '');
  return style.green(full) + style.dim('─'.repeat(width - full.length));
}

/** What does not fit is left out from the end, whole: half a number would be a wrong one. */
function countsLine(state: RunState, width: number, style: Style): string {
  const results = [`${formatCount(state.enriched)} enriched${resumedText(state)}`, failedText(state, style)];
  results.push(`${formatCount(state.invalid)} invalid`);
  if (state.cancelled > 0) results.push(`${formatCount(state.cancelled)} cancelled`);
  const pending = pendingOf(state) > 0 ? [`${formatCount(pendingOf(state))} pending`] : [];
  const calls = [inFlightText(state), ...pending, `${formatCount(state.retries)} retries`];
  if (state.outage !== undefined) calls.unshift(style.yellow(outageText(state.outage)));
  else if (state.isTokenAwaited) calls.unshift(style.yellow(TOKEN_AWAITED));
  else if (pauseLeft(state) > 0) calls.unshift(style.yellow(`paused ${roughDuration(pauseLeft(state))}`));
  if (state.p50Ms !== null && state.p99Ms !== null) {
    calls.push(`p50 ${formatDuration(state.p50Ms)} p99 ${formatDuration(state.p99Ms)}`);
  }
  const line = (): string => `${results.join('   ')}   ${style.dim('│')} ${calls.join(' · ')}`;
  while (calls.length > 1 && styledWidth(line()) > width - 2) calls.pop();
  return line();
}

function interruptedLine({ phase, inFlight, isStopRequested = false }: RunState, style: Style): string {
  const calls = `${formatCount(inFlight)} ${inFlight === 1 ? 'call' : 'calls'}`;
  const next = isStopRequested ? 'Ctrl-C' : 'Ctrl-C again';
  const again = `${next} to ${phase === 'finishing' ? 'cancel them' : 'end at once'}`;
  return `${style.yellow(`${phase} ${calls}`)} … ${again}`;
}

function resumedText({ resumed }: RunState): string {
  return resumed > 0 ? ` (${formatCount(resumed)} before)` : '';
}

function failedText({ failed }: RunState, style: Style): string {
  const text = `${formatCount(failed)} failed`;
  return failed > 0 ? style.red(text) : text;
}

function inFlightText({ adaptive, inFlight, limit }: RunState): string {
  return adaptive
    ? `${formatCount(inFlight)} of ${formatCount(limit)} in flight`
    : `${formatCount(inFlight)} in flight`;
}

function pendingOf({ pending = 0 }: RunState): number {
  return pending;
}

function pauseLeft({ pauseLeftMs = 0 }: RunState): number {
  return Math.max(0, pauseLeftMs);
}

/** 100% only when all is done. */
function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100))}%`;
}

/** In whole seconds: a time that is guessed has no tenths. */
function roughDuration(ms: number): string {
  return formatDuration(Math.max(1, Math.ceil(ms / 1000)) * 1000);
}

/** `00:10`, `1:02:03`. */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`;
}

/** The plain line as JSON, like a line of the log at level `info`. */
export function progressLogLine(state: RunState, wallNow: number): string {
  const { done, total, enriched, failed, invalid, cancelled, inFlight, retries, pending } = state;
  const leftMs = timeLeftMs(state);
  const time = new Date(wallNow).toISOString();
  const counts = {
    done,
    total,
    enriched,
    failed,
    invalid,
    cancelled,
    inFlight,
    retries,
    ...(pending ? { pending } : {}),
  };
  return JSON.stringify({
    level: 'info',
    time,
    msg: 'progress',
    ...counts,
    perSecond: Math.round(state.recentRate * 10) / 10,
    leftMs: leftMs === undefined ? null : Math.round(leftMs),
    ...(state.outage === undefined ? {} : { outage: outageText(state.outage) }),
    ...(state.isTokenAwaited ? { waitsFor: 'token' } : {}),
  });
}
