/** Text to value: durations, sizes, rates, counts and the like, as people write them on a command line. */

import { parseWhere, type Where } from '../core/cases/where.js';
import { formatCount } from '../text/format.js';
import { pointerTokens } from '../json/pointer.js';
import type { PollMatch } from '../core/run/poll-match.js';
import type { SortOrder } from '../core/cases/sort.js';
import type { Shard } from '../core/results/run-info.js';
import type { Threshold } from '../core/run/stop-rules.js';

/** A value, or what is wrong with the text: `problem` completes the sentence “--timeout 30 …”. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | Problem;

export interface Problem {
  readonly ok: false;
  readonly problem: string;
  /** Suggested values, each with its meaning where that is not obvious. */
  readonly instead?: readonly (readonly [value: string, meaning?: string])[];
  /** What the setting takes, for a hint: `1 to 10,000`. */
  readonly takes?: string;
}

/** The least and the greatest value that is allowed, both included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Calls per time: `count` in `perMs`. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
  readonly perSecond: number;
}

const DURATION_UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
]);
const NUMBER = /^\d+(?:\.\d+)?$/;

/** Two units that a number without one is probably meant in, the first with its name. */
type Units = readonly [likely: readonly [unit: string, meaning: string], other: string];
const SHORT: Units = [['s', 'seconds'], 'ms'];
const LONG: Units = [['d', 'days'], 'h'];

/** Like `parseDuration`, for what is rather days than seconds. */
export function parseAge(text: string, bounds: Bounds): Parsed<number> {
  return parseDuration(text, bounds, LONG);
}

/** Milliseconds, rounded: `250ms`, `1.5s`, `2m`, `1h`, `30d`. */
export function parseDuration(text: string, bounds: Bounds, usual: Units = SHORT): Parsed<number> {
  if (NUMBER.test(text)) {
    const [[unit, meaning], other] = usual;
    return refuse('needs a unit', { instead: [[text + unit, meaning], [text + other]] });
  }
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null)
    return refuse('is not a duration', { takes: 'a number with ms, s, m, h or d: 250ms, 5s, 2m, 1h, 30d' });
  const ms = Math.round(Number(match[1]) * (DURATION_UNITS_MS.get(match[2] ?? '') ?? Number.NaN));
  return within(ms, bounds, durationText);
}

/** Bytes, rounded: `64KiB`, `1MB`; upper and lower case are the same. */
export function parseSize(text: string, bounds: Bounds): Parsed<number> {
  if (NUMBER.test(text)) return refuse('needs a unit', { instead: [[`${text}KiB`], [`${text}MB`]] });
  const match = /^(\d+(?:\.\d+)?)([kmg]?i?b)$/i.exec(text);
  const unit = SIZE_UNITS.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || unit === undefined) {
    return refuse('is not a size', { takes: 'a number with B, KiB, MiB, kB or MB: 64KiB, 1MB' });
  }
  return within(Math.round(Number(match[1]) * unit), bounds, (bytes) => `${formatCount(bytes)}B`);
}

/** A whole number, with or without bounds that matter to people. */
export function parseCount(text: string, bounds: Bounds): Parsed<number> {
  if (!/^-?\d+$/.test(text)) return refuse('is not a whole number', { takes: boundsText(bounds, formatCount) });
  return within(Number(text), bounds, formatCount);
}

/** `50/s`, `600/m`, `1000/h`; a fraction of a call is allowed: `0.5/s`. */
export function parseRate(text: string): Parsed<Rate> {
  if (NUMBER.test(text)) return refuse('needs a unit of time', { instead: [[`${text}/s`, 'a second'], [`${text}/m`]] });
  const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text);
  const perMs = DURATION_UNITS_MS.get(match?.[2] ?? '');
  if (match === null || perMs === undefined) {
    return refuse('is not a rate', { takes: 'calls per s, m or h: 50/s, 600/m' });
  }
  const count = Number(match[1]);
  const perSecond = (count * 1000) / perMs;
  if (perSecond < MIN_PER_SECOND) return refuse('is too slow', { takes: 'more than 0; the slowest is 1/h' });
  if (perSecond > MAX_PER_SECOND) return refuse('is too fast', { takes: 'at most 100,000/s' });
  return accept({ count, perMs, perSecond });
}
const MIN_PER_SECOND = 1 / 3600;
const MAX_PER_SECOND = 100_000;

/** `20` or `5%`. */
export function parseShare(text: string, min: number): Parsed<Threshold> {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const takes = min === 0 ? 'a number or a percentage: 20, 5%' : 'a number from 1 or a percentage up to 100%: 20, 5%';
  if (match === null) return refuse('is neither a number nor a percentage', { takes });
  const number = Number(match[1]);
  if (match[2] === '%') return parsePercent(number, min, takes);
  if (!Number.isSafeInteger(number)) return refuse('is not a whole number', { takes });
  return number < min ? refuse('is out of range', { takes }) : accept({ count: number });
}

function parsePercent(percent: number, min: number, takes: string): Parsed<Threshold> {
  if (percent > 100) return refuse('is more than 100%', { takes });
  return percent === 0 && min > 0 ? refuse('is out of range', { takes }) : accept({ percent });
}

/** `I/N`: the I-th of N disjoint parts, counted from 1. */
export function parseShard(text: string): Parsed<Shard> {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  if (match === null) return refuse('is not I/N', { instead: [['1/4', 'the first of four parts']] });
  const shard = { index: Number(match[1]), count: Number(match[2]) };
  if (shard.count < 1 || shard.count > MAX_SHARDS)
    return refuse('is out of range', { takes: 'I/N with N 1 to 10,000' });
  if (shard.index >= 1 && shard.index <= shard.count) return accept(shard);
  const instead = [[`1/${shard.count}`] as const, [`${shard.count}/${shard.count}`, 'counted from 1'] as const];
  return refuse(`is none of ${shard.count} ${shard.count === 1 ? 'part' : 'parts'}`, { instead });
}
const MAX_SHARDS = 10_000;

/** What stands between two cells. */
export function parseDelimiter(text: string): Parsed<string> {
  const takes = "one character, such as ';' or '|', or tab";
  if (text === 'tab' || text === '\\t') return accept('\t');
  if (text === '') return refuse('is empty', { takes });
  if (/^["\r\n]$/.test(text))
    return refuse('cannot divide cells: quotes and line breaks mean something else', { takes });
  return text.length === 1 ? accept(text) : refuse('is not one character', { takes });
}

/** A JSON Pointer (RFC 6901), as it was written. */
export function parsePointer(text: string): Parsed<string> {
  if (pointerTokens(text) !== undefined) return accept(text);
  const guess = `/${text.replace(/^\$?\.?/, '').replaceAll('.', '/')}`;
  return refuse('is not a JSON Pointer', pointerTokens(guess) === undefined ? {} : { instead: [[guess]] });
}

/** `/state=done,ready`: one of these values at a JSON Pointer. The first `=` ends the pointer. */
export function parseMatch(text: string): Parsed<PollMatch> {
  const takes = 'a JSON Pointer and values, as /state=done,ready';
  const [, pointer = '', list = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (pointer === '' && list === '') return refuse('has no =VALUE', { takes });
  const tokens = pointerTokens(pointer);
  if (tokens === undefined || tokens.length === 0) {
    const guess = `/${pointer.replace(/^\$?\.?/, '').replaceAll('.', '/')}`;
    return refuse('does not begin with a JSON Pointer', { instead: [[`${guess}=${list || 'done'}`]], takes });
  }
  const values = list.split(',').map((value) => value.trim());
  return values.includes('') ? refuse('has an empty value', { takes }) : accept({ pointer, tokens, values });
}

/** A comparison, or whether a field is there. */
export function parseComparison(text: string): Parsed<Where> {
  const instead = [['status=open'], ['customer.tier!=free'], ['dueAt']] as const;
  const where = parseWhere(text);
  return where === undefined ? refuse('is no comparison', { instead }) : accept(where);
}

/** A field to sort by; a leading `-` turns the order round. */
export function parseSort(text: string): Parsed<SortOrder> {
  const descending = text.startsWith('-');
  const field = text.slice(descending ? 1 : 0).trim();
  return field === ''
    ? refuse('names no field', { instead: [['dueAt'], ['-priority']] })
    : accept({ field, descending });
}

/** `1`, `true`, `0` or `false`. */
export function parseBoolean(text: string): Parsed<boolean> {
  const word = text.toLowerCase();
  if (word === '1' || word === 'true') return accept(true);
  if (word === '0' || word === 'false') return accept(false);
  return refuse('is neither true nor false', { takes: '1, true, 0 or false' });
}

export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function refuse(problem: string, more: Omit<Problem, 'ok' | 'problem'> = {}): Problem {
  return { ok: false, problem, ...more };
}

function within(value: number, bounds: Bounds, show: (value: number) => string): Parsed<number> {
  if (value >= bounds.min && value <= bounds.max) return accept(value);
  return refuse('is out of range', { takes: boundsText(bounds, show) });
}

function boundsText({ min, max }: Bounds, show: (value: number) => string): string {
  return max === Number.MAX_SAFE_INTEGER ? `${show(min)} or more` : `${show(min)} to ${show(max)}`;
}

/** A duration as a flag takes it, in the largest unit that leaves no fraction: `90s`, `2m`. */
export function durationText(ms: number): string {
  const unit =
    (['d', 'h', 'm', 's'] as const).find((name) => ms > 0 && ms % (DURATION_UNITS_MS.get(name) ?? 1) === 0) ?? 'ms';
  return `${ms / (DURATION_UNITS_MS.get(unit) ?? 1)}${unit}`;
}
