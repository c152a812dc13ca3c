/** Files of another form under the name of a spreadsheet or of cases, recognised by how they begin. */

import { InputError } from '../../../../errors.js';
import { isJson } from '../../../../json/text.js';

const SAVE_AS = 'save it as CSV UTF-8 there, and give that file';

/** How many bytes `refuseBinary` needs, unless the file is shorter. */
export function bytesForBinary(start: Buffer): number {
  return start[0] === 0x50 || start[0] === 0xd0 ? 5 : 1;
}

/** Throws an InputError for a workbook (.xlsx and .ods are ZIP files, .xls is not) and for Parquet. */
export function refuseBinary(start: Buffer, name: string): void {
  const begin = start.toString('latin1', 0, 4);
  if (begin === 'PK\x03\x04' || begin === 'PK\x05\x06') {
    throw new InputError(`${name} is a ZIP file, as .xlsx and .ods are; expected text`, {
      hint: `from a spreadsheet: ${SAVE_AS}`,
    });
  }
  if (begin === '\xd0\xcf\x11\xe0') {
    throw new InputError(`${name} is a workbook of an old Excel (.xls); expected text`, {
      hint: `from a spreadsheet: ${SAVE_AS}`,
    });
  }
  if (begin !== 'PAR1' || (start[4] ?? 0x20) >= 0x20) return;
  throw new InputError(`${name} is a Parquet file; expected text`, {
    hint: "save it as CSV UTF-8: duckdb -c \"copy (from 'FILE') to 'cases.csv'\"",
  });
}

/** Throws an InputError when the header row of a spreadsheet is the beginning of JSON or HTML. */
export function refuseOtherText(header: string, name: string): void {
  const start = header.trimStart();
  if (/^<(?:!|\?xml|html|head|body|table|meta|script|style)/i.test(start)) {
    throw new InputError(`${name} is HTML or XML, not a table with delimiters`, {
      hint: 'it may be a log-in or error page instead of the export: look into it, and export again as CSV',
    });
  }
  if (start.startsWith('{') && isJson(start)) throw isOther(name, 'NDJSON', 'ndjson');
  if (/^(?:\{\s*(?:["}]|$)|\[\s*(?:[[{"\]]|$))/.test(start)) throw isOther(name, 'JSON', 'json');
}

function isOther(name: string, form: string, flag: string): InputError {
  return new InputError(`${name} is ${form}, not a table with delimiters`, {
    hint: `give it the ending .${flag}, or --input-format ${flag}`,
  });
}
