/** Where a value was written, how it is quoted in a message, and the error that says what is wrong with it. */

import { UsageError } from '../errors.js';
import { shellQuote } from '../text/shell.js';
import { printable } from '../text/printable.js';
import type { Problem } from './parse-values.js';
import type { Level } from './settings/setting.js';
import type { JsonForm } from './settings/json-form.js';
import type { AnyValueType } from './settings/value-type.js';

/** One place in one source. */
export interface Origin {
  readonly from: Level;
  /** `--timeout`, `CASE_TRACKER_TIMEOUT`, `"timeout"`, or the command for an argument. */
  readonly name: string;
  /** The configuration file, as it is shown. */
  readonly file?: string;
  /** The value as it stands in the configuration file, before `${NAME}` is replaced. */
  readonly json?: unknown;
}

const LONGEST_QUOTE = 60;

/** `--timeout`, `CASE_TRACKER_TIMEOUT`, or `"timeout" in case-tracker.config.json`. */
export function nameAt(origin: Origin): string {
  return origin.file === undefined ? origin.name : `${origin.name} in ${origin.file}`;
}

/** What is wrong with a text, as an error that names its place and what to write instead. */
export function valueError(
  origin: Origin,
  text: string,
  type: AnyValueType,
  hide: boolean,
  found: Problem,
): UsageError {
  const what = hide ? nameAt(origin) : quoted(origin, text, type);
  const instead = (found.instead ?? []).map(([value, meaning]) => {
    return `${written(origin, value, type.json)}${meaning === undefined ? '' : ` (${meaning})`}`;
  });
  const plain = found.instead?.length === 1 && found.instead[0]?.[1] === undefined;
  const hints = [
    ...(instead.length > 0 ? [plain ? `did you mean ${instead.join()}?` : instead.join(' or ')] : []),
    ...(found.takes === undefined ? [] : [`${origin.name} takes ${found.takes}`]),
  ];
  return new UsageError(`${what} ${found.problem}`, hints.length > 0 ? { hint: hints.join('\n') } : {});
}

function quoted(origin: Origin, text: string, type: AnyValueType): string {
  if (origin.from !== 'file') return written(origin, shorten(text), type.json);
  const json = Array.isArray(origin.json) && text !== '' ? text : origin.json;
  return `${origin.name}: ${shorten(printable(JSON.stringify(json) ?? ''))} in ${origin.file ?? ''}`;
}

function written(origin: Origin, value: string, json: JsonForm): string {
  if (origin.from === 'flag') return json.form === 'boolean' ? origin.name : `${origin.name} ${shellQuote(value)}`;
  if (origin.from === 'environment') return `${origin.name}=${shellQuote(value)}`;
  const bare = json.form === 'integer' || json.form === 'boolean';
  return `${origin.name}: ${bare ? value : JSON.stringify(value)}`;
}

function shorten(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1)}…` : text;
}
