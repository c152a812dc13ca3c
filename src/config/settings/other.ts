/** Settings of the commands that call nothing. Where a key means something else for `enrich`, the flag alone counts. */

import { SHEET_FORMS } from '../../text/csv.js';
import { FORMULA_GUARD, READING } from './cases.js';
import { OUTPUT, REQUEST, RETRY, SHEET_FIELDS } from './enrich.js';
import type { Settings } from './setting.js';
import * as type from './value-types.js';

export const SCHEMA_NAMES = ['case', 'result', 'report', 'config', 'notification', 'sql'] as const;
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export const TOPICS = ['exit-codes', 'environment', 'formats'] as const;

export const REPORT = {
  files: {
    type: type.paths('run.ndjson', 'RESULTS'),
    argument: true,
    from: ['flag'],
    help: 'Saved results: journals, JSON reports, and tables, postgres://…',
  },
  format: {
    type: type.choice('F', 'auto', 'summary', 'json', 'ndjson', 'html', 'junit', 'markdown', 'table', ...SHEET_FORMS),
    default: 'auto',
    common: true,
    help: 'summary, json, ndjson, html, junit, markdown, table, csv, tsv or excel; auto is summary on a terminal, else by the ending of -o, else json',
  },
  output: {
    type: type.path('run.html'),
    short: 'o',
    from: ['flag'],
    defaultText: 'stdout',
    common: true,
    help: 'Write there; or the URL of a results table, postgres://…',
  },
  fields: SHEET_FIELDS,
  into: { ...REQUEST.into, help: 'In csv, tsv and excel: the field that took the answer' },
  formulaGuard: FORMULA_GUARD,
  expect: {
    type: type.paths('cases.json'),
    common: true,
    help: 'Case file that the results must be complete for; exit 1 if not (repeatable)',
  },
  exitCode: { type: type.flag(), common: true, help: 'Exit with what enrich would have returned' },
  allowFailures: { ...RETRY.allowFailures, help: 'With --exit-code: still 0 with that many failed or invalid' },
  outputWait: { ...OUTPUT.outputWait, help: 'With -o postgres://…: how long the database may be away' },
  root: READING.root,
  inputFormat: READING.inputFormat,
  delimiter: READING.delimiter,
  encoding: READING.encoding,
  query: { ...READING.query, help: 'With --expect postgres://…: the rows that are expected, or @FILE' },
  idField: READING.idField,
  fieldNames: READING.fieldNames,
} as const satisfies Settings;

export const VALIDATE = {
  format: {
    type: type.choice('F', 'text', 'json', 'ndjson', 'github'),
    default: 'text',
    common: true,
    help: 'text, json, ndjson or github (annotations)',
  },
} as const satisfies Settings;

export const SERVE = {
  port: { type: type.count(0, 65_535), defaultText: 'a free one', common: true, help: 'Port on loopback' },
  delay: { type: type.duration(0, '50ms'), default: '0ms', common: true, help: 'Wait before each answer' },
  faults: { type: type.flag(), common: true, help: 'Fail now and then, the same way each time' },
  rate: { type: type.rateOrNone(), from: ['flag'], defaultText: 'none', common: true, help: 'Answer 429 beyond it' },
  tokenLife: {
    type: type.duration(1000, '20s'),
    defaultText: 'no token needed',
    help: 'Ask for a bearer token, which ends after this time; POST /token gives one (client secret: demo-secret)',
  },
  data: { type: type.path('enrichments.json'), defaultText: 'the sample', common: true, help: 'Enrichments by id' },
} as const satisfies Settings;

export const SCHEMA = {
  name: { type: type.choice('NAME', ...SCHEMA_NAMES), argument: true, from: ['flag'], help: SCHEMA_NAMES.join(', ') },
  table: {
    type: type.text('NAME', 'results'),
    from: ['flag'],
    default: 'results',
    common: true,
    help: 'With sql: the name of the results table, also schema.table',
  },
} as const satisfies Settings;

export const COMPLETION = {
  shell: { type: type.choice('SHELL', ...SHELLS), argument: true, from: ['flag'], help: SHELLS.join(', ') },
} as const satisfies Settings;

export const HELP = {
  topic: {
    type: type.text('TOPIC', 'formats'),
    argument: true,
    from: ['flag'],
    help: `A command, or ${TOPICS.join(', ')}`,
  },
} as const satisfies Settings;
