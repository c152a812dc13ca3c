/** Merged results as a spreadsheet. All of them are known, so everything has a column; rows are in input order. */

import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Resolved } from '../../config/resolved.js';
import type { Host } from '../../host.js';
import { realFileOps } from '../../io/files/file-ops.js';
import { RowSpool } from '../../io/files/row-spool.js';
import type { SavedRecord } from '../../io/saved/saved-record.js';
import type { SavedResults } from '../../io/saved/saved-results.js';
import { caseFields } from '../../report/sheet/named-columns.js';
import { rowOfSaved } from '../../report/sheet/row.js';
import { Sheet, type SheetOptions } from '../../report/sheet/sheet.js';
import type { SheetForm } from '../../text/csv.js';
import { formatCounted } from '../../text/format.js';
import { sheetOptions } from '../shared/sheet-options.js';
import { UnseenFields } from '../shared/unseen-fields.js';
import type { SavedFormat } from './saved-format.js';

type Values = Resolved<'report'>['values'];

/** Finds the columns while the results are read for the first time. */
export class SheetReport {
  readonly #options: SheetOptions;
  readonly #values: Values;
  readonly #host: Host;
  #look: SheetLook;
  #last = { file: 0, index: -1 };
  #isInOrder = true;

  /** Throws a UsageError for a form that the output can't have. */
  constructor(form: SheetForm, values: Values, host: Host) {
    this.#options = sheetOptions(values, form, false, host);
    this.#values = values;
    this.#host = host;
    this.#look = new SheetLook(this.#options);
  }

  /** For every result of the first reading, in the order of files and lines. */
  readonly seen = (record: SavedRecord, file: number): void => {
    this.#look.take(record);
    const { index } = record.result;
    this.#isInOrder &&= file > this.#last.file || index > this.#last.index;
    this.#last = { file, index };
  };

  /** How the results are written, once they were read. Its beginning throws a UsageError for a field that no case has. */
  format(saved: SavedResults): SavedFormat {
    // Results that newer ones replace must leave no columns behind.
    const isExact = saved.index.countSuperseded() === 0;
    if (!isExact) this.#look = new SheetLook(this.#options);
    const look = this.#look;
    const spool = this.#isInOrder ? undefined : this.#openSpool();
    return {
      ...(isExact ? {} : { look: (records: readonly SavedRecord[]) => records.forEach((record) => look.take(record)) }),
      begin: () => look.header(),
      results(records) {
        if (spool === undefined) return records.map((record) => look.row(record)).join('');
        const group = saved.currentFile * MOST_INDEX;
        for (const record of records)
          spool.add(look.row(record), group + Math.min(record.result.index, MOST_INDEX - 1));
        return '';
      },
      ...(spool === undefined ? {} : { heldBack: () => spool.inOrder() }),
      end: () => '',
      notices: () => overflow(look.rowsWithOther),
      close: () => spool?.close(),
    };
  }

  /** Beside the output, which needs as much room, or where the system keeps temporary files. */
  #openSpool(): RowSpool {
    const { output } = this.#values;
    const { cwd, pid, random } = this.#host;
    const path = output === undefined ? undefined : resolve(cwd, output);
    const isFile = path !== undefined && !path.startsWith('/dev/') && !path.startsWith('/proc/');
    const name = `.case-tracker.${pid}.${Math.floor(random() * 2 ** 32).toString(36)}.tmp`;
    const place = join(isFile ? dirname(path) : tmpdir(), name);
    return new RowSpool({ name: place, path: place }, realFileOps);
  }
}

// Indexes count the records of one input: a file of results never has as many.
const MOST_INDEX = 2 ** 37;

/** A sheet, and the fields that it was asked for and no case has. */
class SheetLook {
  readonly #sheet: Sheet;
  readonly #unseen: UnseenFields | undefined;

  constructor(options: SheetOptions) {
    this.#sheet = new Sheet(options);
    this.#unseen = options.fields === undefined ? undefined : new UnseenFields('--fields', caseFields(options), {});
  }

  get rowsWithOther(): number {
    return this.#sheet.rowsWithOther;
  }

  take({ result, text }: SavedRecord): void {
    const row = rowOfSaved(result, text);
    this.#sheet.look(row);
    const value = result.enrichedCase;
    if (row.text !== undefined && value !== null) this.#unseen?.look([{ text: row.text, value }]);
  }

  header(): string {
    this.#unseen?.refuse();
    return this.#sheet.header();
  }

  row({ result, text }: SavedRecord): string {
    return this.#sheet.row(rowOfSaved(result, text));
  }
}

function overflow(rows: number): string[] {
  if (rows === 0) return [];
  return [
    `${formatCounted(rows, 'result')} with more fields than a sheet has columns for: they stand in the column other`,
  ];
}
