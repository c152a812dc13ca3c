/** Rows of a spreadsheet as text: CSV as in RFC 4180, TSV, and the form that Excel opens right. */

export const SHEET_FORMS = ['csv', 'tsv', 'excel'] as const;
export type SheetForm = (typeof SHEET_FORMS)[number];

/** How a form is written, cell by cell. */
export interface Dialect {
  readonly delimiter: string;
  readonly lineEnd: string;
  /** Stands before the first row. */
  readonly mark: string;
  readonly encoding: 'utf8' | 'utf16le';
}

export const DIALECTS: Readonly<Record<SheetForm, Dialect>> = {
  csv: { delimiter: ',', lineEnd: '\r\n', mark: '', encoding: 'utf8' },
  tsv: { delimiter: '\t', lineEnd: '\n', mark: '', encoding: 'utf8' },
  excel: { delimiter: '\t', lineEnd: '\r\n', mark: '\ufeff', encoding: 'utf16le' },
};

/** True for a form that is a spreadsheet. */
export function isSheetForm(form: string): form is SheetForm {
  return (SHEET_FORMS as readonly string[]).includes(form);
}

/**
 * The text with a `'` before it if a spreadsheet program would take it for a formula (OWASP ASVS 1.2.10): it begins
 * with `=`, `+`, `-`, `@`, tab, carriage return or NUL, and is no number with a minus.
 */
export function guardFormula(text: string): string {
  switch (text.charCodeAt(0)) {
    case 0x2d:
      return MINUS_NUMBER.test(text) ? text : `'${text}`;
    case 0x3d:
    case 0x2b:
    case 0x40:
    case 0x09:
    case 0x0d:
    case 0x00:
      return `'${text}`;
    default:
      return text;
  }
}

const MINUS_NUMBER = /^-\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The cells as one row, with its line end. `made` makes each cell from its text. */
export function rowText(cells: readonly string[], { delimiter, lineEnd }: Dialect, made = asItIs): string {
  // A row that is one empty cell must not look like a blank line, which readers pass over.
  if (cells.length === 1 && cells[0] === '') return `""${lineEnd}`;
  let text = '';
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] as string;
    if (at > 0) text += delimiter;
    if (cell !== '') text += cellText(made(cell));
  }
  return text + lineEnd;
}

function asItIs(text: string): string {
  return text;
}

function cellText(cell: string): string {
  return NEEDS_QUOTES.test(cell) ? quoted(cell) : cell;
}

// The other forms' delimiters too, but for `|`; and white space at the ends, which some readers trim. `.` and `$` know
// line breaks, so they are not used here.
const NEEDS_QUOTES = /[",;\t\r\n]|^[\s\ufeff]|\s(?![^])/;
// Readers count delimiters in the first row to find theirs. For Excel a file whose first characters are `ID` is no CSV
// at all, and `sep=` there sets the delimiter.
const MISLEADS = /\||^(?:ID|sep=)/;

/** The first row: titles that could mislead a reader about the form are quoted. */
export function headerText(titles: readonly string[], { delimiter, lineEnd }: Dialect): string {
  const cells = titles.map((title) => (MISLEADS.test(title) ? quoted(title) : cellText(title)));
  return (cells.length === 1 && cells[0] === '' ? '""' : cells.join(delimiter)) + lineEnd;
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** Each title once, in the same order: a later equal one becomes `name (2)`. What is in `taken` counts as there already. */
export function uniqueTitles(titles: readonly string[], taken: ReadonlySet<string>): string[] {
  const used = new Set(taken);
  return titles.map((title) => {
    let unique = title;
    // Readers trim titles: those that differ in white space alone are the same to them.
    for (let number = 2; used.has(unique.trim()); number++) unique = `${title} (${number})`;
    used.add(unique.trim());
    return unique;
  });
}
