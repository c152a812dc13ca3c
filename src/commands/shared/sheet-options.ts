/** How a command writes a spreadsheet, from its settings. */

import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { SheetOptions } from '../../report/sheet/sheet.js';
import type { SheetForm } from '../../text/csv.js';
import { printable } from '../../text/printable.js';

/** The settings that say how. `into` is there where results are written, and not cases alone. */
export interface SheetValues {
  readonly fields?: readonly string[];
  readonly fieldNames: Readonly<Record<string, string>>;
  readonly idField?: string;
  readonly into?: string;
  readonly formulaGuard: boolean;
  readonly output?: string;
}

/** Throws a UsageError for a form that is no text for a terminal. */
export function sheetOptions(values: SheetValues, form: SheetForm, hasOther: boolean, host: Host): SheetOptions {
  const { fields, fieldNames, idField, into, formulaGuard, output } = values;
  const isOnTerminal = output === undefined && host.stdout.isTTY;
  if (form === 'excel' && isOnTerminal) {
    throw new UsageError('--format excel is a file for Excel, no text for a terminal', { hint: '-o FILE.csv' });
  }
  return {
    form,
    fields,
    fieldNames,
    idField,
    formulaGuard,
    hasOther,
    ...(into === undefined ? {} : { into }),
    ...(isOnTerminal ? { shown: printable } : {}),
  };
}
