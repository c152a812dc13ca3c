/** What makes a parsed record a case: its id and the types of the fields that filters and tables know. */

import { clip } from '../../text/clip.js';
import { EXPECTED, joinProblems } from './problems.js';
import { isoTimeMs } from './iso-time.js';
import { type KnownField, KNOWN_FIELDS } from './known-fields.js';
import { isObject, type JsonObject, textAtName } from '../../json/text.js';

/** The field names of an export. A name is a member, else a dotted path into nested objects (`assignee.login`). */
export interface FieldOptions {
  /** The field that holds the id; default `id`. */
  readonly idField?: string;
  /** Known name to the export's own name. */
  readonly fieldNames?: Readonly<Record<string, string>>;
}

/**
 * What the export calls a field: its own name for a known one, else the name as it is. Any text may be asked for,
 * `constructor` too.
 */
export function exportName(field: string, fieldNames: Readonly<Record<string, string | undefined>> = {}): string {
  return (Object.hasOwn(fieldNames, field) ? fieldNames[field] : undefined) ?? field;
}

/** A valid case's id, or everything that is wrong with the record. `caseId` is null when there is no usable id. */
export type RecordCheck =
  | { readonly ok: true; readonly id: string }
  | {
      readonly ok: false;
      readonly caseId: string | null;
      readonly message: string;
      /** True when the record has no id member at all. */
      readonly lacksId: boolean;
    };

const LONGEST_SHOWN = 61;

/** Checks records and reads their known fields, under the names that the export gives them. */
export class RecordShape {
  readonly #idField: string;
  readonly #names: ReadonlyMap<string, string>;

  constructor(options: FieldOptions = {}) {
    const renamed = Object.entries(options.fieldNames ?? {});
    this.#names = new Map(renamed.filter(([known, name]) => known !== name));
    this.#idField = options.idField ?? this.#names.get('id') ?? 'id';
  }

  /** `text` is the record's source: an integer id is read as it is written there. */
  check(value: unknown, text: string): RecordCheck {
    if (!isObject(value)) return invalid(null, `found ${kindOf(value)}; expected an object`);
    const idValue = valueAtName(value, this.#idField);
    const id = typeof idValue === 'string' ? idValue.trim() : integerText(idValue, text, this.#idField);
    const known = this.#names.size === 0 ? value : this.#renamed(value);
    if (id !== '' && hasRightTypes(known)) return { ok: true, id };
    const problems = KNOWN_FIELDS.flatMap((field) => fieldProblem(field, known[field], this.#names.get(field)) ?? []);
    if (id === '') problems.unshift(idProblem(idValue, text, this.#idField));
    const lacksId = idValue === undefined || idValue === null;
    return invalid(id === '' ? null : id, joinProblems(problems), lacksId);
  }

  /** True when there is something where the id should be. */
  hasId(record: JsonObject): boolean {
    return (valueAtName(record, this.#idField) ?? null) !== null;
  }

  /** What the export calls a field; the id has a name of its own. */
  nameOf(field: string): string {
    return field === 'id' ? this.#idField : (this.#names.get(field) ?? field);
  }

  /** The value of a known field; undefined when it is absent or null. */
  field(record: JsonObject, field: KnownField): unknown {
    return valueAtName(record, this.nameOf(field)) ?? undefined;
  }

  #renamed(record: JsonObject): JsonObject {
    const known: Record<string, unknown> = {};
    for (const field of KNOWN_FIELDS) known[field] = this.field(record, field);
    return known;
  }
}

/** The own member of that name, else what its dots lead to through nested objects. */
function valueAtName(record: JsonObject, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  if (!name.includes('.')) return undefined;
  let value: unknown = record;
  for (const part of name.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** The digits of an integer id as they stand in the source; '' for everything else. */
function integerText(value: unknown, text: string, name: string): string {
  if (typeof value !== 'number') return '';
  const source = textAtName(text, name) ?? '';
  return /^-?\d+$/.test(source) ? source : '';
}

function idProblem(value: unknown, text: string, name: string): string {
  if (value === undefined || value === null) return `no ${name}; expected ${EXPECTED.id}`;
  if (typeof value === 'string') return `${name} is empty; expected ${EXPECTED.id}`;
  const found = typeof value === 'number' ? clip(textAtName(text, name) ?? '', LONGEST_SHOWN) : shown(value);
  return `${name} is ${found}; expected ${EXPECTED.id}`;
}

// One property read after another, not a loop over names: this runs for every record, and V8 makes each read a
// single load where a computed name would be a look-up.
function hasRightTypes(record: JsonObject): boolean {
  const { title, status, priority, assignee, tags, openedAt, dueAt } = record;
  if (!isText(title) || !isText(status) || !isText(priority) || !isText(assignee)) return false;
  return isTags(tags) && isTime(openedAt) && isTime(dueAt);
}

/** What is wrong with a known field; `name` is the export's name for it. */
function fieldProblem(field: KnownField, value: unknown, name: string | undefined): string | undefined {
  const shownName = name === undefined ? field : `${name} (${field})`;
  if (field === 'tags') return isTags(value) ? undefined : tagsProblem(shownName, value);
  if (field === 'openedAt' || field === 'dueAt')
    return isTime(value) ? undefined : wrong(shownName, value, EXPECTED.date);
  return isText(value) ? undefined : wrong(shownName, value, EXPECTED.text);
}

// A field that is null counts as absent: exports write `"assignee": null`.
function isText(value: unknown): boolean {
  return typeof value === 'string' || value === undefined || value === null;
}

function isTags(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string');
}

function isTime(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && !Number.isNaN(isoTimeMs(value));
}

function tagsProblem(name: string, tags: unknown): string {
  if (!Array.isArray(tags)) return wrong(name, tags, EXPECTED.tags);
  const other: unknown = tags.find((tag) => typeof tag !== 'string');
  return `${name} is an array with ${shown(other)} in it; expected ${EXPECTED.tags}`;
}

function wrong(name: string, value: unknown, expected: string): string {
  return `${name} is ${shown(value)}; expected ${expected}`;
}

function shown(value: unknown): string {
  return typeof value === 'object' ? kindOf(value) : clip(JSON.stringify(value) ?? 'undefined', LONGEST_SHOWN);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function invalid(caseId: string | null, message: string, lacksId = false): RecordCheck {
  return { ok: false, caseId, message, lacksId };
}
