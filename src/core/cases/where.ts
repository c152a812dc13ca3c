/** One `--where` condition: its syntax, and whether it holds for a case. */

import { textAtName } from '../../json/text.js';
import type { RecordShape } from './record.js';

/**
 * A field compared with a value: a string's value, or the source text of anything else. Or whether the field is `present`,
 * which is there and not null, or `absent`; then the value is empty.
 */
export interface Where {
  readonly name: string;
  readonly op: '=' | '!=' | 'present' | 'absent';
  readonly value: string;
}

/** `FIELD=VALUE` or `FIELD!=VALUE`, the first `=` divides; `FIELD` or `!FIELD`. undefined when it is none of these. */
export function parseWhere(text: string): Where | undefined {
  const at = text.indexOf('=');
  if (at === -1) return parsePresence(text.trim());
  const not = text[at - 1] === '!';
  const name = text.slice(0, not ? at - 1 : at).trim();
  return name === '' ? undefined : { name, op: not ? '!=' : '=', value: text.slice(at + 1) };
}

function parsePresence(text: string): Where | undefined {
  const not = text.startsWith('!');
  const name = text.slice(not ? 1 : 0).trim();
  // No export has such a field name: `age>5` is meant as a comparison, which is not supported.
  if (name === '' || /[<>]/.test(name)) return undefined;
  return { name, op: not ? 'absent' : 'present', value: '' };
}

/** The condition in the syntax of the flag. */
export function whereText({ name, op, value }: Where): string {
  if (op === 'present') return name;
  return op === 'absent' ? `!${name}` : `${name}${op}${value}`;
}

/** One condition, under the names that the export gives the fields. */
export class Condition {
  /** The export's name of the field. */
  readonly field: string;
  readonly #where: Where;
  readonly #isId: boolean;

  constructor(where: Where, shape: RecordShape) {
    this.#where = where;
    this.field = shape.nameOf(where.name);
    this.#isId = this.field === shape.nameOf('id');
  }

  /** The source text of the case's field; undefined when it has none. The id is the case's own: trimmed. */
  sourceIn(id: string, text: string): string | undefined {
    return this.#isId ? JSON.stringify(id) : textAtName(text, this.field);
  }

  holds(source: string | undefined): boolean {
    const { op, value } = this.#where;
    if (op === 'present' || op === 'absent') return (source !== undefined && source !== 'null') === (op === 'present');
    if (source === undefined) return op === '!=';
    return ((source.startsWith('"') ? (JSON.parse(source) as string) : source) === value) === (op === '=');
  }
}
