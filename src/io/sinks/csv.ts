/** Results as a spreadsheet: CSV, TSV, or the form that Excel opens. */

import type { ResultSink } from '../../core/ports.js';
import { rowOfResult } from '../../report/sheet/row.js';
import { type SheetOptions, SheetStream } from '../../report/sheet/sheet.js';
import type { TextOutput } from '../files/atomic-file.js';
import { RowsSink } from './rows.js';

/** The columns are fixed from the first results; what comes later and has none stands in `other`. */
export function csvSink(options: SheetOptions, output: TextOutput): ResultSink {
  const sheet = new SheetStream(options);
  const rows = {
    result: (result: Parameters<typeof rowOfResult>[0]) => sheet.row(rowOfResult(result)),
    end: () => sheet.end(),
  };
  return new RowsSink(rows, output, 'a journal (-o FILE.ndjson) keeps each result as it comes');
}
