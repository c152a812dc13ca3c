/** What the ending of a file's name says about its content. */

export type FileFormat = 'json' | 'ndjson' | 'csv' | 'tsv' | 'html' | 'junit' | 'markdown';

const FORMATS: ReadonlyMap<string, FileFormat> = new Map([
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['html', 'html'],
  ['htm', 'html'],
  ['xml', 'junit'],
  ['md', 'markdown'],
]);

/** The format that a file's name tells; undefined when it tells none. */
export function formatByEnding(path = ''): FileFormat | undefined {
  return FORMATS.get(endingOf(path) ?? '');
}

/** The forms of case files. */
export type CaseForm = 'json' | 'ndjson' | 'csv' | 'tsv';

const CASE_FORMS: ReadonlyMap<string, CaseForm> = new Map([
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['csv', 'csv'],
  ['tsv', 'tsv'],
]);

/** The ending of a file's name in small letters, without its dot; undefined when it has none, as `.hidden` has not. */
export function endingOf(path: string): string | undefined {
  return /[^./\\]\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
}

/** The ending that a format's files have. */
export function endingFor(format: FileFormat): string {
  const [ending = format] = [...FORMATS].find(([, named]) => named === format) ?? [];
  return ending;
}

/** The form that the name of a case file tells, which may have `.gz` at its end; undefined when it tells none. */
export function caseFormByEnding(path: string): CaseForm | undefined {
  return CASE_FORMS.get(endingOf(path.replace(GZIP, '')) ?? '');
}

/** True for a file of results that is a journal: a later run can resume from it. */
export function isJournalName(path: string | undefined): boolean {
  return formatByEnding(path) === 'ndjson';
}

const GZIP = /\.gz$/i;

/** True for a name that says that the content is compressed. */
export function isGzipName(path: string): boolean {
  return GZIP.test(path);
}

const OTHERS: ReadonlySet<string> = new Set(['gz', 'xlsx', 'xlsm', 'xls', 'ods', 'parquet']);

/** True for a name whose ending promises a form, be it one that this program does not write. */
export function tellsForm(path: string): boolean {
  return formatByEnding(path) !== undefined || OTHERS.has(endingOf(path) ?? '');
}

/** The path with another ending in place of its own, or with one when it has none. */
export function withEnding(path: string, ending: string): string {
  return `${path.replace(/\.[^./\\]*$/, '')}.${ending}`;
}
