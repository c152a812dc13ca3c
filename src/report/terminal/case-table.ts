/** The table of `list`: one case a row. */

import type { Case } from '../../core/case.js';
import { textAtName } from '../../json/text.js';
import { exportName } from '../../core/cases/record.js';
import type { CaseRenderer } from '../case-text.js';
import { relativeDay } from '../../text/dates.js';
import { type Cell, type Column, type Style, layout, plain, SAMPLE_ROWS } from '../../text/table.js';

export interface CaseTableOptions {
  /** Names of the columns, dotted ones too. Default: id, status, priority, assignee, dueAt, title. */
  readonly fields?: readonly string[];
  /** What known fields are called in this export: `{ dueAt: 'deadline' }`. */
  readonly fieldNames?: Readonly<Record<string, string | undefined>>;
  /** Now, in milliseconds since 1970; relative dates count from it. */
  readonly now: number;
  /** Whether a case is past its due date and not closed. */
  readonly isOverdue: (aCase: Case) => boolean;
  /** Of the terminal; `Infinity` cuts nothing. */
  readonly width: number;
  readonly style?: Style;
}

/** Lines without a line break. */
export interface CaseTable {
  header(): string;
  row(aCase: Case): string;
}

export const DEFAULT_FIELDS: readonly string[] = ['id', 'status', 'priority', 'assignee', 'dueAt', 'title'];

/** A table whose widths fit the first cases (a few hundred are enough); any number of rows may follow. */
export function caseTable(sample: readonly Case[], options: CaseTableOptions): CaseTable {
  const { fields = DEFAULT_FIELDS, style = plain, width } = options;
  const cells = (aCase: Case): readonly Cell[] => fields.map((field) => cellOf(aCase, field, options));
  const columns = fields.map((field) => columnOf(field, options.fields !== undefined));
  const table = layout(columns, sample.map(cells), width);
  return {
    header: () => table.header(style),
    row: (aCase) => table.row(cells(aCase), style),
  };
}

const MISSING = '–';
const TITLES: ReadonlyMap<string, string> = new Map([
  ['dueAt', 'due'],
  ['openedAt', 'opened'],
]);
const MIN_WIDTHS: ReadonlyMap<string, number> = new Map([
  ['id', 12],
  ['title', 16],
]);
const FIXED: ReadonlySet<string> = new Set(['id', 'status', 'priority', 'dueAt', 'openedAt']);
const DROP_ORDER: readonly string[] = ['assignee', 'priority', 'dueAt'];

/** Columns that were asked for stay; of the default ones some are left out of a narrow terminal. */
function columnOf(field: string, chosen: boolean): Column {
  const dropOrder = chosen ? -1 : DROP_ORDER.indexOf(field);
  return {
    title: TITLES.get(field) ?? field,
    flexible: !FIXED.has(field),
    minWidth: MIN_WIDTHS.get(field) ?? 4,
    ...(dropOrder === -1 ? {} : { dropOrder }),
  };
}

function cellOf(aCase: Case, field: string, options: CaseTableOptions): Cell {
  if (field === 'id') return aCase.id;
  const text = textOf(aCase, field, options);
  if (text === '') return MISSING;
  if (field === 'openedAt') return relativeDay(text, options.now);
  if (field === 'dueAt') return dueCell(relativeDay(text, options.now), options.isOverdue(aCase));
  return field === 'priority' && text === 'high' ? { text, style: 'bold' } : text;
}

function dueCell(words: string, overdue: boolean): Cell {
  return overdue ? { text: `${words}!`, style: 'red' } : words;
}

/** A field as text, or '' when it is missing, null or empty. Numbers stay as they were written. */
function textOf(aCase: Case, field: string, options: CaseTableOptions): string {
  const source = textAtName(aCase.text, exportName(field, options.fieldNames));
  return source === undefined ? '' : plainText(source);
}

function plainText(source: string): string {
  if (source === 'null') return '';
  if (source.startsWith('"')) return JSON.parse(source) as string;
  if (!source.startsWith('[')) return source;
  const elements = JSON.parse(source) as readonly unknown[];
  return elements.every((element) => typeof element === 'string') ? elements.join(', ') : source;
}

/** The same as a renderer: the first cases (a few hundred) settle the widths, the rest is streamed. */
export function casesAsTable(options: CaseTableOptions): CaseRenderer {
  const waiting: Case[] = [];
  let table: CaseTable | undefined;
  const settle = (): string => {
    const settled = (table = caseTable(waiting, options));
    const lines = [settled.header(), ...waiting.splice(0).map((aCase) => settled.row(aCase))];
    return `${lines.join('\n')}\n`;
  };
  return {
    begin: () => '',
    case(aCase) {
      if (table !== undefined) return `${table.row(aCase)}\n`;
      return waiting.push(aCase) < SAMPLE_ROWS ? '' : settle();
    },
    end: () => (table === undefined && waiting.length > 0 ? settle() : ''),
  };
}
