/** What the columns of a spreadsheet are, whichever way they are found. */

import { exportName } from '../../core/cases/record.js';
import { elementTexts } from '../../json/text.js';
import type { SheetRow } from './row.js';

export interface ColumnOptions {
  /** Exactly these columns; absent: those that the rows have. */
  readonly fields?: readonly string[] | undefined;
  /** What known fields are called in this export. */
  readonly fieldNames?: Readonly<Record<string, string | undefined>>;
  /** The field that holds the id; default `id`. */
  readonly idField?: string | undefined;
  /** The member that has the answer; absent where cases alone are listed: then there are no columns of results. */
  readonly into?: string;
  /** There is always a column for what has no column of its own; else only when something has none. */
  readonly hasOther: boolean;
}

/** The columns: first shown rows, then fixed, then asked for the cells of each row. */
export interface Columns {
  /** Looks for columns in a row. */
  look(row: SheetRow): void;
  /** Fixes the columns and returns their titles. */
  titles(): readonly string[];
  /** The texts of the row's cells, in the order of the titles. The array is valid until the next call. */
  cells(row: SheetRow): readonly string[];
  /** How many rows so far have something that no column of its own takes. */
  readonly rowsWithOther: number;
}

/** The columns of a result, in this order, after those of the case. */
export const RESULT_TITLES = ['result.status', 'result.error', 'result.attempts'] as const;

/** What the export calls the id. */
export function idName({ idField, fieldNames }: ColumnOptions): string {
  return idField ?? exportName('id', fieldNames);
}

/** What a value looks like in its cell: a text without quotes, everything else as its source text, null empty. */
export function cellOf(valueText: string): string {
  if (valueText.startsWith('"')) return valueText.includes('\\') ? unescaped(valueText) : valueText.slice(1, -1);
  return valueText === 'null' ? '' : valueText;
}

// Half of a surrogate pair has no form in UTF-8 and would become another character: it stays an escape.
const LONE_SURROGATE = /\p{Surrogate}/gu;

function unescaped(valueText: string): string {
  const text = JSON.parse(valueText) as string;
  return text.replace(LONE_SURROGATE, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/** The cell of `tags`: joined by `|`, or JSON where that would not tell them apart. */
export function tagsCell(valueText: string): string {
  if (!valueText.startsWith('[')) return cellOf(valueText);
  const elements = elementTexts(valueText);
  const tags = elements.map(cellOf);
  const isClear = tags.every((tag, at) => elements[at]?.startsWith('"') && tag !== '' && !tag.includes('|'));
  return isClear ? tags.join('|') : valueText;
}
