/** The kinds of values that settings have: how each is parsed, shown in help, completed, and written in JSON. */

import type { JsonForm } from './json-form.js';
import type { ValueType } from './value-type.js';
import type { Where } from '../../core/cases/where.js';
import { parseHeaderLine, type Header } from '../headers.js';
import { parseChoice, parseName, parseText } from '../parse-words.js';
import { parseStatuses } from '../parse-statuses.js';
import {
  accept,
  parseAge,
  parseBoolean,
  parseComparison,
  parseCount,
  parseDelimiter,
  parseDuration,
  parseMatch,
  type Parsed,
  parsePointer,
  parseRate,
  parseShard,
  parseShare,
  parseSize,
  parseSort,
  type Rate,
  refuse,
} from '../parse-values.js';
import type { StatusRange } from '../../core/flow/accepted-statuses.js';
import type { PollMatch } from '../../core/run/poll-match.js';
import { parseQueueAddress, type QueueAddress } from '../../core/queue-address.js';
import { parseAccessToken } from '../access-token.js';
import { parseRefusal, parseTokenHeader } from '../token-values.js';
import type { SortOrder } from '../../core/cases/sort.js';
import type { Shard } from '../../core/results/run-info.js';
import type { Threshold } from '../../core/run/stop-rules.js';

const ANY_COUNT = Number.MAX_SAFE_INTEGER;
/** The longest that a timer can take. */
const LONGEST_MS = 24 * 24 * 3_600_000;
const LONGEST_AGE_MS = 36_500 * 24 * 3_600_000;
const LARGEST_BYTES = 256 * 1024 ** 2;
const DURATION = /^\d+(\.\d+)?(ms|s|m|h|d)$/;
const SIZE = /^\d+(\.\d+)?([kKmMgG]?[iI]?[bB])$/;

export function flag(): ValueType<boolean, false> {
  return { ...scalar<boolean>('', 'true', { form: 'boolean' }, parseBoolean), absent: false };
}

export function text(placeholder: string, example: string): ValueType<string> {
  return scalar(placeholder, example, { form: 'string' }, parseText);
}

/** The URL of a queue. Its user and password are secrets. */
export function queueUrl(): ValueType<QueueAddress> {
  const parse = (item: string): Parsed<QueueAddress> => {
    const parsed = parseQueueAddress(item);
    return parsed.ok ? accept(parsed.address) : refuse(parsed.problem, { takes: parsed.takes });
  };
  return {
    ...scalar('URL', 'redis://host/0#name', { form: 'string' }, parse),
    secretsIn: ({ password }) => (password === undefined ? [] : [password]),
  };
}

export function path(example: string, placeholder = 'FILE'): ValueType<string> {
  return { ...text(placeholder, example), file: 'path' };
}

/** Text, or `@FILE` for the content of a file. */
export function textOrFile(placeholder: string, example: string): ValueType<string> {
  return { ...text(placeholder, example), file: '@text' };
}

/**
 * A secret: `@FILE` for the first line of a file. A flag takes nothing else, for others on the machine see the command
 * line; environment and configuration file may hold the secret itself. It is hidden in every output.
 */
export function secretFile(example = '@secret.txt'): ValueType<string> {
  return { ...text('@FILE', example), file: '@secret' };
}

/** A secret that others need who ask this program for something; its file must be the user's own. */
export function accessToken(example = '@token.txt'): ValueType<string> {
  return { ...scalar('@FILE', example, { form: 'string' }, parseAccessToken), file: '@secret', ownFile: true };
}

export function pointer(): ValueType<string> {
  const pattern = /^(\/([^~]|~[01])*)?$/;
  return scalar('/POINTER', '/data', { form: 'string', pattern }, parsePointer);
}

/** Values at a JSON Pointer. */
export function match(): ValueType<PollMatch> {
  return scalar('/POINTER=VALUE,…', '/state=done', { form: 'string', pattern: /^\/([^~]|~[01])*=/ }, parseMatch);
}

export function choice<const C extends readonly string[]>(placeholder: string, ...choices: C): ValueType<C[number]> {
  const parse = (item: string): Parsed<C[number]> => parseChoice(item, choices);
  return { ...scalar(placeholder, choices[0] ?? '', { form: 'choice', choices }, parse), choices };
}

/** A choice that is written in either case and read in upper case. */
export function upperChoice<const C extends readonly string[]>(
  placeholder: string,
  ...choices: C
): ValueType<C[number]> {
  const type = choice(placeholder, ...choices);
  return { ...type, parse: (item) => type.parse(item.toUpperCase()) };
}

/** A choice that is written in either case and read in lower case. */
export function lowerChoice<const C extends readonly string[]>(
  placeholder: string,
  ...choices: C
): ValueType<C[number]> {
  const type = choice(placeholder, ...choices);
  return { ...type, parse: (item) => type.parse(item.toLowerCase()) };
}

/** One character, which `tab` and `\t` stand for too. */
export function delimiter(): ValueType<string> {
  return scalar('CHAR', 'tab', { form: 'string' }, parseDelimiter);
}

export function count(min: number, max: number = ANY_COUNT, placeholder = 'N'): ValueType<number> {
  const example = String(Math.max(min, Math.min(10, max)));
  return scalar(placeholder, example, { form: 'integer', min, max }, (item) => parseCount(item, { min, max }));
}

/** Milliseconds. */
export function duration(
  minMs: number,
  example: string,
  maxMs: number = LONGEST_MS,
): ValueType<number, undefined, 'Ms'> {
  const parse = (item: string): Parsed<number> => parseDuration(item, { min: minMs, max: maxMs });
  return { ...scalar('D', example, { form: 'string', pattern: DURATION }, parse), suffix: 'Ms' };
}

/** How old something may be, in milliseconds: up to a hundred years. */
export function age(example: string): ValueType<number, undefined, 'Ms'> {
  return { ...duration(1, example), parse: (item) => parseAge(item, { min: 1, max: LONGEST_AGE_MS }) };
}

/** Milliseconds, or null for `none`. */
export function durationOrNone(minMs: number, example: string): ValueType<number | null, null, 'Ms'> {
  const type = duration(minMs, example);
  const pattern = /^(none|\d+(\.\d+)?(ms|s|m|h|d))$/;
  return { ...type, json: { form: 'string', pattern }, ...orNone<number>(type, null) };
}

/** Bytes. */
export function size(): ValueType<number> {
  const parse = (item: string): Parsed<number> => parseSize(item, { min: 1, max: LARGEST_BYTES });
  return scalar('S', '1MiB', { form: 'string', pattern: SIZE }, parse);
}

/** null for `none`. */
export function rateOrNone(): ValueType<Rate | null, null> {
  const pattern = /^(none|\d+(\.\d+)?\/(s|m|h))$/;
  const type = scalar<Rate>('R', '50/s', { form: 'string', pattern }, parseRate);
  return { ...type, ...orNone<Rate>(type, null) };
}

export function share(min: number): ValueType<Threshold> {
  return scalar('N|N%', '5%', { form: 'share' }, (item) => parseShare(item, min));
}

/** `none` stays a word: it is not the same as not given. */
export function shareOrNone(min: number): ValueType<Threshold | 'none', null> {
  const type = { ...share(min), placeholder: 'N|N%|none' };
  return { ...type, ...orNone<Threshold, 'none'>(type, 'none') };
}

export function shard(): ValueType<Shard> {
  return scalar('I/N', '1/4', { form: 'string', pattern: /^\d+\/\d+$/ }, parseShard);
}

export function sortOrder(): ValueType<SortOrder> {
  return scalar('FIELD', '-priority', { form: 'string' }, parseSort);
}

/** Values of one flag that are repeated, or divided by commas. */
export function words(placeholder: string, example: string): ValueType<readonly string[], readonly string[]> {
  return { ...list<string>(placeholder, example, parseText), separator: ',' };
}

export function choices<const C extends readonly string[]>(
  placeholder: string,
  ...names: C
): ValueType<readonly C[number][], readonly C[number][]> {
  const type = list<C[number]>(placeholder, names[0] ?? '', (item) => parseChoice(item, names));
  return { ...type, json: { form: 'strings', choices: names }, choices: names, separator: ',' };
}

export function statuses(): ValueType<readonly StatusRange[], readonly StatusRange[]> {
  return { ...list<StatusRange>('LIST', '404', parseStatuses), separator: ',' };
}

export function ids(): ValueType<readonly string[], readonly string[]> {
  return list('ID', 'CASE-001', parseText);
}

export function paths(example: string, placeholder = 'FILE'): ValueType<readonly string[], readonly string[]> {
  return { ...list<string>(placeholder, example, parseText), file: 'path' };
}

export function comparisons(): ValueType<readonly Where[], readonly Where[]> {
  return list('FIELD=VALUE', 'status=open', parseComparison);
}

export function headerLines(): ValueType<readonly Header[], readonly Header[]> {
  const type = list<Header>("'NAME: VALUE'", "'accept-language: en'", parseHeaderLine);
  return { ...type, json: { form: 'names', joiner: ': ' }, file: '@lines' };
}

/** `Name: value` with one `{token}`. */
export function tokenHeader(): ValueType<string> {
  return scalar("'NAME: VALUE'", "'X-Api-Key: {token}'", { form: 'string' }, parseTokenHeader);
}

/** Statuses from 400 to 499; empty for `none`, which counts by itself only. */
export function refusalsOrNone(): ValueType<readonly number[], readonly number[]> {
  const type = list<number | null>('LIST', '403', parseRefusal);
  const collect = (items: readonly unknown[]): readonly number[] => items.filter((item) => typeof item === 'number');
  return { ...type, absent: [], separator: ',', collect };
}

/** One name for another: in the file an object. */
export function names(
  keys: readonly string[],
): ValueType<Readonly<Record<string, string>>, Readonly<Record<string, string>>> {
  const parse = (item: string): Parsed<readonly [string, string]> => parseName(item, keys);
  const collect = (items: readonly unknown[]): Record<string, string> =>
    Object.fromEntries(items as readonly (readonly [string, string])[]);
  const type = {
    placeholder: 'NAME',
    example: 'title',
    json: { form: 'names', joiner: '=', keys },
    suffix: '',
  } as const;
  return { ...type, absent: {}, repeatable: true, parse, collect };
}

function scalar<T>(
  placeholder: string,
  example: string,
  json: JsonForm,
  parse: (item: string) => Parsed<T>,
): ValueType<T> {
  return { placeholder, example, json, parse, absent: undefined, suffix: '', collect: (items) => items.at(-1) as T };
}

function list<T>(
  placeholder: string,
  example: string,
  parse: (item: string) => Parsed<T>,
): ValueType<readonly T[], readonly T[]> {
  const collect = (items: readonly unknown[]): readonly T[] => items as readonly T[];
  return { placeholder, example, json: { form: 'strings' }, parse, absent: [], suffix: '', repeatable: true, collect };
}

function orNone<T, None extends string | null = null>(
  type: Pick<ValueType<T, unknown, string>, 'parse'>,
  none: None,
): { readonly absent: null; parse(item: string): Parsed<unknown>; collect(items: readonly unknown[]): T | None } {
  return {
    absent: null,
    parse: (item) => (item === 'none' ? accept(none) : type.parse(item)),
    collect: (items) => items.at(-1) as T | None,
  };
}
