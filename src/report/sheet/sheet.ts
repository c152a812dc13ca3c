/** A spreadsheet as text, row by row. */

import { DIALECTS, type Dialect, guardFormula, headerText, rowText, type SheetForm } from '../../text/csv.js';
import type { ColumnOptions, Columns } from './columns.js';
import { FoundColumns } from './found-columns.js';
import { NamedColumns } from './named-columns.js';
import type { SheetRow } from './row.js';

export interface SheetOptions extends ColumnOptions {
  readonly form: SheetForm;
  /** Cells that a spreadsheet program would take for a formula get a `'` in front. */
  readonly formulaGuard: boolean;
  /** Makes a cell harmless where it is shown, as on a terminal. */
  readonly shown?: (cell: string) => string;
}

/** Shown every row before the header is asked for, it has a column for everything. */
export class Sheet {
  readonly #columns: Columns;
  readonly #dialect: Dialect;
  readonly #made: (cell: string) => string;

  constructor(options: SheetOptions) {
    const { fields, form, formulaGuard, shown } = options;
    this.#columns = fields === undefined ? new FoundColumns(options) : new NamedColumns(fields, options);
    this.#dialect = DIALECTS[form];
    const guarded = formulaGuard ? guardFormula : (cell: string): string => cell;
    this.#made = shown === undefined ? guarded : (cell) => shown(guarded(cell));
  }

  /** Rows so far with something that no column of its own takes. */
  get rowsWithOther(): number {
    return this.#columns.rowsWithOther;
  }

  look(row: SheetRow): void {
    this.#columns.look(row);
  }

  /** Fixes the columns. */
  header(): string {
    return this.#dialect.mark + headerText(this.#columns.titles().map(this.#made), this.#dialect);
  }

  row(row: SheetRow): string {
    return rowText(this.#columns.cells(row), this.#dialect, this.#made);
  }
}

/** The columns are fixed from so many rows, or fewer that are as long together (in characters). */
export const FIRST_ROWS = 100;
const FIRST_LENGTH = 1 << 24;

/** A sheet whose rows are not known beforehand: the first ones are held back, and give the columns. */
export class SheetStream {
  readonly #sheet: Sheet;
  #first: SheetRow[] | undefined = [];
  #length = 0;

  constructor(options: SheetOptions) {
    this.#sheet = new Sheet(options);
  }

  get rowsWithOther(): number {
    return this.#sheet.rowsWithOther;
  }

  row(row: SheetRow): string {
    if (this.#first === undefined) return this.#sheet.row(row);
    this.#first.push(row);
    this.#length += row.text?.length ?? 0;
    this.#sheet.look(row);
    return this.#first.length >= FIRST_ROWS || this.#length >= FIRST_LENGTH ? this.#begun() : '';
  }

  end(): string {
    return this.#begun();
  }

  /** The header and the rows that were held back; nothing after the first call. */
  #begun(): string {
    const rows = this.#first;
    this.#first = undefined;
    if (rows === undefined) return '';
    const header = this.#sheet.header();
    return header + rows.map((row) => this.#sheet.row(row)).join('');
  }
}
