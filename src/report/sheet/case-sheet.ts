/** Cases as a spreadsheet. */

import type { CaseRenderer } from '../case-text.js';
import { rowOfCase } from './row.js';
import { type SheetOptions, SheetStream } from './sheet.js';

/** A case in each row. The columns are those of the first cases; what later ones have besides stands in `other`. */
export function casesAsSheet(options: SheetOptions): CaseRenderer {
  const sheet = new SheetStream(options);
  return {
    begin: () => '',
    case: (aCase) => sheet.row(rowOfCase(aCase)),
    end: () => sheet.end(),
    get rowsWithOther() {
      return sheet.rowsWithOther;
    },
  };
}
