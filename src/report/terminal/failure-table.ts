/** Groups of failures as lines: count, kind, message, examples; below them the endpoint's words and the hint. */

import type { FailureGroup } from '../../core/results/failure-groups.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { hang, wrap } from '../../text/wrap.js';
import type { Style } from '../../text/style.js';
import { displayWidth, fit, fitPrintable, pad, printable } from '../../text/printable.js';

const MOST_GROUPS = 8;
const WIDEST_TITLE = 36;
const WIDEST_MESSAGE = 34;
const NARROW = 70;
const MOST_MESSAGE_LINES = 3;

/** How groups are shown: `hint` gives the one for a group, if there is one. */
export interface TableOptions {
  readonly width: number;
  readonly style: Style;
  readonly hint: (group: FailureGroup) => string | undefined;
}

/** At most eight groups of failures, then how many more there are. */
export function failureLines(groups: readonly FailureGroup[], options: TableOptions): string[] {
  const shown = groups.slice(0, MOST_GROUPS);
  const columns = measure(shown, options.width);
  return [
    options.style.bold('Failures'),
    ...shown.flatMap((group) => groupLines(group, columns, options)),
    ...moreLines(groups, 'case'),
  ];
}

/** Invalid records: what is wrong with them and where they stand. */
export function invalidLines(groups: readonly FailureGroup[], options: TableOptions): string[] {
  const shown = groups.slice(0, MOST_GROUPS);
  const columns = measure(shown, options.width);
  const message = Math.max(11, columns.message);
  const lines = shown.flatMap((group) => {
    const start = `  ${pad(formatCount(group.count), columns.count, 'right')}  `;
    return hang(start, messageAndExamples(group, message, options.width - start.length));
  });
  const hints = new Set(shown.map(options.hint).filter((hint) => hint !== undefined));
  return [
    options.style.bold('Invalid input'),
    ...withHints(lines, [...hints], options),
    ...moreLines(groups, 'record'),
  ];
}

interface Columns {
  readonly count: number;
  readonly title: number;
  readonly message: number;
  /** Where messages, words and hints begin. */
  readonly indent: number;
}

function measure(groups: readonly FailureGroup[], width: number): Columns {
  const count = widest(groups.map((group) => formatCount(group.count)));
  const title = Math.min(width < NARROW ? WIDEST_TITLE - 10 : WIDEST_TITLE, Math.max(12, widest(groups.map(titleOf))));
  const message = Math.min(WIDEST_MESSAGE, widest(groups.map((group) => messageText(group))));
  return { count, title, message, indent: width < NARROW ? 4 + count : 6 + count + title };
}

function groupLines(group: FailureGroup, columns: Columns, options: TableOptions): string[] {
  const { width, style } = options;
  const indent = ' '.repeat(columns.indent);
  const count = pad(formatCount(group.count), columns.count, 'right');
  const title = pad(fit(titleOf(group), columns.title), columns.title);
  const [first = '', ...rest] = messageAndExamples(group, columns.message, width - columns.indent);
  const narrow = width < NARROW;
  const head = `  ${count}  ${style.red(title)}${narrow ? '' : `  ${first}`}`.trimEnd();
  const below = (narrow ? [first, ...rest] : rest).map((line) => indent + line);
  const words = group.words === undefined ? [] : [indent + quotedWords(group, width - columns.indent)];
  return [head, ...below, ...words, ...hintLines(options.hint(group), columns.indent, options)];
}

/** On one line if both fit into `width`, else the message first and the examples on the next. */
function messageAndExamples(group: FailureGroup, column: number, width: number): string[] {
  const message = messageText(group);
  const room = width - column - 3;
  const beside = exampleText(group, room);
  if (displayWidth(message) <= column && displayWidth(beside) <= room) return [`${pad(message, column)}   ${beside}`];
  return [...wrap(fit(message, MOST_MESSAGE_LINES * width), width), fit(exampleText(group, width), width)];
}

function titleOf(group: FailureGroup): string {
  return printable(failureLabel(group));
}

const BUDGET_USED_UP = 'retry budget used up';

/** The message without the status that the title has already. */
function messageText({ notRetried, message, httpStatus }: FailureGroup): string {
  // Of an answer the title tells the cause already.
  if (notRetried === 'budget' && httpStatus !== undefined) return BUDGET_USED_UP;
  const status = `${httpStatus ?? ''} `;
  const text = printable(message.startsWith(status) ? message.slice(status.length) : message);
  return notRetried === 'budget' ? `${text} (${BUDGET_USED_UP})` : text;
}

function quotedWords({ words = '', wordsVary }: FailureGroup, width: number): string {
  const more = wordsVary ? ' and others' : '';
  return `"${fitPrintable(words, width - 2 - more.length)}"${more}`;
}

/** As many of the examples as fit, and how many there are beyond them. */
function exampleText({ examples, count, status }: FailureGroup, width: number): string {
  const shown = examples.map((example) => (status === 'failed' ? fitPrintable(example, 40) : printable(example)));
  for (let most = shown.length; most > 1; most--) {
    const text = listed(shown.slice(0, most), count);
    if (displayWidth(text) <= width) return text;
  }
  return listed(shown.slice(0, 1), count);
}

function listed(examples: readonly string[], count: number): string {
  const more = count - examples.length;
  return examples.join(', ') + (more > 0 && examples.length > 0 ? ` … and ${formatCount(more)} more` : '');
}

/** A single hint stands beside a single line where it fits; otherwise hints stand below. */
function withHints(lines: readonly string[], hints: readonly string[], options: TableOptions): string[] {
  const [only = ''] = lines;
  const beside = `      → ${hints[0] ?? ''}`;
  if (lines.length === 1 && hints.length === 1 && displayWidth(only + beside) <= options.width) {
    return [only + options.style.cyan(beside)];
  }
  return [...lines, ...hints.flatMap((hint) => hintLines(hint, 5, options))];
}

/** Wrapped, but for a command: that is to be copied. */
function hintLines(hint: string | undefined, indent: number, { width, style }: TableOptions): string[] {
  if (hint === undefined) return [];
  const lines = hint.startsWith('case-tracker ') ? [hint] : wrap(hint, width - indent - 2);
  return hang(`${' '.repeat(indent)}→ `, lines).map(style.cyan);
}

function moreLines(groups: readonly FailureGroup[], noun: 'case' | 'record'): string[] {
  const more = groups.slice(MOST_GROUPS);
  if (more.length === 0) return [];
  const cases = more.reduce((sum, { count }) => sum + count, 0);
  return [`  … ${formatCounted(more.length, 'more kind')} (${formatCounted(cases, noun)})`];
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(displayWidth));
}
