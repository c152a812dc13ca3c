/** Settings of every command, and of reading, selecting and listing cases. */

import { KNOWN_FIELDS } from '../../core/cases/known-fields.js';
import { SHEET_FORMS } from '../../text/csv.js';
import type { Setting, Settings } from './setting.js';
import * as type from './value-types.js';

export const GLOBAL = {
  config: {
    type: type.path('case-tracker.config.json'),
    from: ['flag', 'environment'],
    defaultText: 'found from the current folder upward',
    help: 'Read this configuration file',
  },
  unset: {
    type: type.words('NAME', 'root'),
    from: ['flag'],
    help: 'As if environment and configuration file did not set NAME (config: read none); repeatable, or NAME,NAME',
  },
  logLevel: {
    type: type.choice('LEVEL', 'trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'warn',
    help: 'What is logged on stderr; trace, debug, info, warn, error or silent',
    otherNames: [{ flag: 'verbose', short: 'v', value: 'info', help: 'The same as --log-level info' }],
  },
  logFormat: {
    type: type.choice('FORM', 'auto', 'json', 'pretty'),
    default: 'auto',
    help: 'Form of log lines: auto (pretty on a terminal, else json), json or pretty',
  },
  quiet: {
    type: type.flag(),
    short: 'q',
    help: 'No progress, no notices, and no summary unless the exit code is not 0',
  },
  progress: {
    type: type.choice('FORM', 'auto', 'tty', 'plain', 'none'),
    default: 'auto',
    help: 'Progress on stderr: auto, tty, plain or none',
  },
  color: {
    type: type.choice('WHEN', 'auto', 'always', 'never'),
    default: 'auto',
    help: 'Colors: auto, always or never (NO_COLOR and FORCE_COLOR are honoured)',
  },
} as const satisfies Settings;

export const READING = {
  files: {
    type: type.paths('cases.json'),
    argument: true,
    from: ['flag', 'file'],
    help: 'Case files: .json, .ndjson, .jsonl, .csv or .tsv, each also with .gz; - is standard input; or the URL of a table, postgres://…',
  },
  root: {
    type: type.pointer(),
    defaultText: 'the array, or its "cases"',
    help: 'Where in a JSON document the array of cases is',
  },
  inputFormat: {
    type: type.choice('F', 'auto', 'json', 'ndjson', 'csv', 'tsv'),
    default: 'auto',
    help: 'Form of the input: auto (by the ending, else JSON or NDJSON by the content), json, ndjson, csv or tsv',
  },
  delimiter: {
    type: type.delimiter(),
    defaultText: 'found in the header row; tab in .tsv',
    help: 'What is between the cells of CSV and TSV: one character, or tab',
  },
  encoding: {
    type: type.lowerChoice('NAME', 'utf-8', 'utf-16', 'windows-1252'),
    defaultText: 'by the byte order mark, else utf-8',
    help: 'Encoding of CSV and TSV without a byte order mark: utf-8, utf-16 or windows-1252',
  },
  query: {
    type: type.textOrFile('SQL', "'select id, title from cases'"),
    defaultText: 'the whole table',
    help: 'The rows to read from a postgres:// database without ?table=, or @FILE',
  },
  idField: {
    type: type.text('NAME', 'number'),
    defaultText: 'id',
    help: 'Field or column that holds the id, in exports with other names',
  },
  fieldNames: {
    type: type.names(['id', ...KNOWN_FIELDS]),
    from: ['file'],
    help: 'Known field to the export\'s name, for example { "title": "summary" }',
  },
} as const satisfies Settings;

export const SELECTION = {
  first: { type: type.count(1), common: true, help: 'At most N selected cases' },
  status: { type: type.words('S', 'open'), common: true, help: 'Only cases of this status; repeatable, or S,S' },
  priority: { type: type.words('P', 'high'), help: 'Only cases of this priority; repeatable, or P,P' },
  assignee: { type: type.words('A', 'mira'), help: 'Only cases of this assignee; repeatable, or A,A' },
  tag: { type: type.words('T', 'phishing'), help: 'Only cases with this tag; repeatable, or T,T' },
  id: { type: type.ids(), common: true, help: 'Only this case; repeatable' },
  overdue: { type: type.flag(), help: 'Only cases past their dueAt that are not closed' },
  where: {
    type: type.comparisons(),
    common: true,
    help: "Only cases whose field is VALUE; FIELD!=VALUE for is not; FIELD for there and not null, '!FIELD' for not there; dotted paths (repeatable)",
  },
  shard: { type: type.shard(), help: 'The I-th of N disjoint parts, by a stable hash of the id' },
} as const satisfies Settings;

/** Of every command that writes spreadsheets. No file may put it aside: it may not be the user's own. */
export const FORMULA_GUARD = {
  type: type.flag(),
  from: ['flag', 'environment'],
  default: 'true',
  help: "In csv, tsv and excel: ' before cells that a spreadsheet program would take for formulas; --no-formula-guard leaves them as they are",
} as const satisfies Setting;

export const LIST = {
  sort: { type: type.sortOrder(), common: true, help: 'Sort by a field; -FIELD turns the order round' },
  fields: { type: type.words('A,B,C', 'id,title'), common: true, help: 'Columns or members to show' },
  format: {
    type: type.choice('F', 'auto', 'table', 'json', 'ndjson', ...SHEET_FORMS),
    default: 'auto',
    common: true,
    help: 'table, json, ndjson, csv, tsv or excel; auto is by the ending of -o, else the table on a terminal, else json',
  },
  formulaGuard: FORMULA_GUARD,
  output: {
    type: type.path('list.json'),
    short: 'o',
    from: ['flag'],
    defaultText: 'stdout',
    common: true,
    help: 'Write there, whole or not at all',
  },
  count: { type: type.flag(), common: true, help: 'Print only how many cases are selected' },
  strict: { type: type.flag(), from: ['flag'], help: 'Exit 1 when a record is no valid case' },
} as const satisfies Settings;
