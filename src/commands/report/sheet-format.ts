/** Merged results as a spreadsheet: all of them are known, so everything has a column. */

import type { Resolved } from '../../config/resolved.js';
import { Case } from '../../core/case.js';
import type { Host } from '../../host.js';
import type { SavedRecord } from '../../io/saved/saved-record.js';
import { caseFields } from '../../report/sheet/named-columns.js';
import { rowOfSaved, type SheetRow } from '../../report/sheet/row.js';
import { Sheet } from '../../report/sheet/sheet.js';
import type { SheetForm } from '../../text/csv.js';
import { formatCounted } from '../../text/format.js';
import { sheetOptions } from '../shared/sheet-options.js';
import { UnseenFields } from '../shared/unseen-fields.js';
import type { SavedFormat } from './saved-format.js';

/** Its beginning throws a UsageError for a field of `--fields` that no case has. */
export function sheetFormat(form: SheetForm, values: Resolved<'report'>['values'], host: Host): SavedFormat {
  const options = sheetOptions(values, form, false, host);
  const sheet = new Sheet(options);
  const unseen = new UnseenFields('--fields', caseFields(options), {});
  return {
    look(records) {
      for (const row of rowsOf(records)) {
        sheet.look(row);
        if (options.fields !== undefined && row.text !== undefined) unseen.look([new Case(row.caseId ?? '', row.text)]);
      }
    },
    begin() {
      unseen.refuse();
      return sheet.header();
    },
    results: (records) =>
      rowsOf(records)
        .map((row) => sheet.row(row))
        .join(''),
    end: () => '',
    notices: () => overflow(sheet.rowsWithOther),
  };
}

function rowsOf(records: readonly SavedRecord[]): SheetRow[] {
  return records.map(({ result, text }) => rowOfSaved(result, text));
}

function overflow(rows: number): string[] {
  if (rows === 0) return [];
  return [
    `${formatCounted(rows, 'result')} with more fields than a sheet has columns for: they stand in the column other`,
  ];
}
