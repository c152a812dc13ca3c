/** The format of a report: a spreadsheet, which looks at the results while they are read first, or another. */

import type { Resolved } from '../../config/resolved.js';
import type { Host } from '../../host.js';
import { AtomicFile, type TextOutput } from '../../io/files/atomic-file.js';
import type { SavedOptions, SavedResults } from '../../io/saved/saved-results.js';
import { isSheetForm } from '../../text/csv.js';
import { formatNamed, formatOf, type PlainFormatName } from './formats.js';
import type { SavedFormat } from './saved-format.js';
import { SheetReport } from './sheet-report.js';

export type ChosenFormat = { readonly sheet: SheetReport } | { readonly name: PlainFormatName };

export function chooseFormat(values: Resolved<'report'>['values'], host: Host): ChosenFormat {
  const name = formatOf(values, host);
  return isSheetForm(name) ? { sheet: new SheetReport(name, values, host) } : { name };
}

/** Told each result of the first reading; undefined for a format that needs none. */
export function seenBy(chosen: ChosenFormat): SavedOptions['onResult'] {
  return 'sheet' in chosen ? chosen.sheet.seen : undefined;
}

/** The format for these results, once they are read for the first time. */
export function openFormat(
  chosen: ChosenFormat,
  saved: SavedResults,
  output: TextOutput,
  settings: Resolved<'report'>,
  host: Host,
): SavedFormat {
  if ('sheet' in chosen) return chosen.sheet.format(saved);
  return formatNamed(chosen.name, { span: saved.span, isFile: output instanceof AtomicFile }, settings, host);
}
