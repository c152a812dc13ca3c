/** Exactly the columns that `--fields` names. */

import { exportName } from '../../core/cases/record.js';
import { textAt, textAtName } from '../../json/text.js';
import { uniqueTitles } from '../../text/csv.js';
import { cellOf, type ColumnOptions, type Columns, idName, tagsCell } from './columns.js';
import type { SheetRow } from './row.js';

/** Members of a result that can be named as `result.NAME`, or `result.NAME.MEMBER`. */
const RESULT_MEMBERS: ReadonlySet<string> = new Set(
  'caseId status index error attempts durationMs at key source tries httpStatus shared skipped poll stale'.split(' '),
);

type ReadCell = (row: SheetRow) => string;

export class NamedColumns implements Columns {
  readonly rowsWithOther = 0;
  readonly #titles: readonly string[];
  readonly #readers: readonly ReadCell[];

  constructor(fields: readonly string[], options: ColumnOptions) {
    this.#titles = uniqueTitles(fields, new Set());
    this.#readers = fields.map((field) => readerOf(field, options));
  }

  look(): void {
    // The names are known from the start.
  }

  titles(): readonly string[] {
    return this.#titles;
  }

  cells(row: SheetRow): readonly string[] {
    return this.#readers.map((read) => read(row));
  }
}

/** The names among the fields that only a case can have, as the export calls them. The id is not among them: every case has one. */
export function caseFields({ fields = [], ...options }: ColumnOptions): string[] {
  const own = fields.filter((field) => resultPath(field, options) === undefined && !isOfAnswer(field, options));
  return own.map((field) => exportName(field, options.fieldNames)).filter((name) => !isId(name, options));
}

function readerOf(field: string, options: ColumnOptions): ReadCell {
  const path = resultPath(field, options);
  if (path !== undefined) return ({ result }) => (result === undefined ? '' : resultCell(result, path));
  const name = exportName(field, options.fieldNames);
  if (isId(name, options)) return ({ caseId, text }) => caseCell(text, name) ?? caseId ?? '';
  if (isOfAnswer(field, options)) {
    return ({ text, result }) => (result?.status === 'enriched' ? (caseCell(text, name) ?? '') : '');
  }
  if (name === exportName('tags', options.fieldNames)) return ({ text }) => tagsOf(text, name);
  return ({ text }) => caseCell(text, name) ?? '';
}

function resultCell(result: NonNullable<SheetRow['result']>, path: readonly string[]): string {
  const [member, ...more] = path;
  if (member === 'error' && more.length === 0) return result.error;
  const valueText = textAt(result.json(), path);
  return valueText === undefined ? '' : cellOf(valueText);
}

function caseCell(text: string | undefined, name: string): string | undefined {
  const valueText = text === undefined ? undefined : textAtName(text, name);
  return valueText === undefined ? undefined : cellOf(valueText);
}

function tagsOf(text: string | undefined, name: string): string {
  const valueText = text === undefined ? undefined : textAtName(text, name);
  return valueText === undefined ? '' : tagsCell(valueText);
}

function resultPath(field: string, { into }: ColumnOptions): readonly string[] | undefined {
  const [first, ...path] = field.split('.');
  return into !== undefined && first === 'result' && RESULT_MEMBERS.has(path[0] ?? '') ? path : undefined;
}

function isOfAnswer(field: string, { into }: ColumnOptions): boolean {
  return into !== undefined && (field === into || field.startsWith(`${into}.`));
}

function isId(name: string, options: ColumnOptions): boolean {
  return name === 'id' || name === idName(options);
}
