/** What a kind of value is. */

import type { Parsed } from '../parse-values.js';
import type { JsonForm } from './json-form.js';

/**
 * A kind of value. Every source is first brought to texts (items), each is parsed by `parse`, and `collect` makes the
 * value of them; `absent` is the value when there is neither a source nor a default.
 */
export interface ValueType<T, Absent = undefined, Suffix extends string = ''> {
  /** What stands for the value in help; empty for a flag without value. */
  readonly placeholder: string;
  /** A value that is right, for hints. */
  readonly example: string;
  readonly json: JsonForm;
  readonly absent: Absent;
  /** Joined to the key in the parsed settings: durations are `timeoutMs`. */
  readonly suffix: Suffix;
  readonly choices?: readonly string[];
  /** Given more than once, its values make a list. */
  readonly repeatable?: boolean;
  /** What divides several values in one text. */
  readonly separator?: ',';
  /** The value names a file (or a file to read, after `@`), relative to where it was written. */
  readonly file?: 'path' | '@text' | '@lines' | '@secret' | '@urls';
  /** Its file is refused when others on the machine can read it. */
  readonly ownFile?: true;
  parse(item: string): Parsed<unknown>;
  collect(items: readonly unknown[]): T;
  /** The parts of a value that no output may show. */
  secretsIn?(value: T): readonly string[];
}

/** What TypeScript knows of a value: its type when given, when absent, and its suffix. */
export type AnyValueType = ValueType<unknown, unknown, string>;
