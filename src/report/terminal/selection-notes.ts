/** What to say about a selection: nothing matched, ids that are not there, names that no case has. */

import { closest } from '../../text/did-you-mean.js';
import type { KnownField } from '../../core/cases/known-fields.js';
import { type Where, whereText } from '../../core/cases/where.js';
import type { Selection, SelectionFacts, ValueFilter } from '../../core/cases/select.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { fileArgument, isReadOnce } from '../../text/file-arguments.js';
import { commandLine, shellQuote } from '../../text/shell.js';
import { fitPrintable, printable } from '../../text/printable.js';

export interface SelectionCounts {
  /** Records that were read. */
  readonly read: number;
  /** Valid cases that were selected. */
  readonly selected: number;
  /** Records that are not valid cases and that a filter hides. */
  readonly invalidHidden: number;
}

/** The case files, for the command that names every record in them that is not valid. */
export interface JudgedFiles {
  readonly files: readonly string[];
  /** The flags that every command for these files needs. */
  readonly inputFlags?: readonly string[] | undefined;
}

const FILTERS: readonly ValueFilter[] = ['status', 'priority', 'assignee', 'tag'];
const MOST_VALUES = 8;
const WIDEST_NAME = 40;

/** Notices, a line each. */
export function selectionNotes(selection: Selection, counts: SelectionCounts, facts: SelectionFacts): string[] {
  return [
    ...(counts.selected === 0 ? nothingSelected(selection, counts, facts) : []),
    ...facts.missingIds.map((id) => `no case has the id ${printable(id)}`),
    ...facts.invalidIds.map(
      ({ id, problem }) => `the record with the id ${printable(id)} is no valid case: ${printable(problem)}`,
    ),
    ...facts.ambiguousIds.map(
      ({ id, matches }) => `${printable(id)} could be ${matches.map(printable).join(' or ')}: spell it exactly`,
    ),
    ...(selection.where ?? []).flatMap((where) => nullNote(where, counts)),
    ...facts.unknownFields.map((name) => unknownField(name, '--where', facts.fieldsInUse)),
  ];
}

/** What the filters could not look at; nothing where they have looked at every record. */
export function hiddenNotes({ invalidHidden }: Pick<SelectionCounts, 'invalidHidden'>, judged: JudgedFiles): string[] {
  if (invalidHidden === 0) return [];
  const [are, them] = invalidHidden === 1 ? ['is no valid case', 'it'] : ['are not valid cases', 'them'];
  const validate = validateCommand(judged);
  const names = validate === undefined ? '' : ` (${validate} names each)`;
  return [`${formatCounted(invalidHidden, 'record')} ${are}: the filters can't look at ${them}${names}`];
}

/** What was strange about the input as a whole. */
export interface InputOddities {
  /** A field that may be the id, where (nearly) no record has one. */
  readonly likelyIdField: string | undefined;
  /** How many rows have fewer cells than the header. */
  readonly shortRows: number;
}

/** How to read an export that calls the id otherwise, and what became of rows without all their cells. */
export function inputNotes({ likelyIdField: name, shortRows }: InputOddities): string[] {
  const idNotes = name === undefined ? [] : [`the records have ${printable(name)}: --id-field ${shellQuote(name)}`];
  if (shortRows === 0) return idNotes;
  const [rows, have] = [formatCounted(shortRows, 'row'), shortRows === 1 ? 'has' : 'have'];
  return [...idNotes, `${rows} ${have} fewer cells than the header: the missing ones are null`];
}

/** The command that names every record that is not valid; undefined where the input is gone when the run is over. */
export function validateCommand({ files, inputFlags = [] }: JudgedFiles): string | undefined {
  const again = files.filter((file) => !isReadOnce(file)).map(fileArgument);
  return again.length === 0 ? undefined : commandLine(['validate', ...again, ...inputFlags]);
}

/** Says that a flag names a field that no case has, and which one was probably meant. */
export function unknownField(name: string, flag: string, inUse: Iterable<string>): string {
  const meant = closest(name, inUse);
  const hint = meant === undefined ? '' : `; did you mean ${printable(meant)}?`;
  return `no case has a field ${printable(name)} (${flag})${hint}`;
}

/** `FIELD!=null` is true of a case without the field: whoever writes that nearly always means `FIELD`. */
function nullNote(where: Where, { selected }: SelectionCounts): string[] {
  const { name, op, value } = where;
  if (value !== 'null') return [];
  const flag = `--where ${quoted(whereText(where))}`;
  if (op === '!=')
    return [`${flag} takes cases without that field too; --where ${quoted(name)}: it is there and not null`];
  if (op !== '=' || selected > 0) return [];
  return [`${flag} takes cases with a null there; --where ${quoted(`!${name}`)}: it is null or not there`];
}

function nothingSelected(selection: Selection, counts: SelectionCounts, facts: SelectionFacts): string[] {
  if (counts.read === 0) return ['the input has no cases'];
  const asked = filtersAsFlags(selection);
  if (asked === '') return [`no valid case among ${formatCounted(counts.read, 'record')}.`];
  const matched = `${counts.read === 1 ? 'matches' : 'match'} ${asked}`;
  const values = FILTERS.flatMap((filter) => valuesInUse(filter, selection[filter] ?? [], facts));
  return [[`0 of ${formatCounted(counts.read, 'case')} ${matched}.`, ...values].join(' ')];
}

function filtersAsFlags(selection: Selection): string {
  const flags = FILTERS.flatMap((filter) => (selection[filter] ?? []).map((value) => `--${filter} ${quoted(value)}`));
  if (selection.overdue) flags.push('--overdue');
  for (const id of selection.id ?? []) flags.push(`--id ${quoted(id)}`);
  for (const where of selection.where ?? []) flags.push(`--where ${quoted(whereText(where))}`);
  if (selection.shard) flags.push(`--shard ${selection.shard.index}/${selection.shard.count}`);
  return flags.join(' ');
}

function quoted(text: string): string {
  return shellQuote(printable(text));
}

function valuesInUse(filter: ValueFilter, wanted: readonly string[], facts: SelectionFacts): string[] {
  const inUse = facts.valuesInUse[filter];
  const names = inUse.map(([value]) => value);
  const missing = wanted.filter((value) => !names.includes(value));
  if (missing.length === 0) return [];
  if (inUse.length === 0) return missingField(filter, facts);
  const shown = inUse.slice(0, MOST_VALUES).map(([value, count]) => `${printable(value)} (${formatCount(count)})`);
  const more = inUse.length > MOST_VALUES ? ' …' : '.';
  const list = `Values in use: ${shown.join(', ')}${more}`;
  const meant = missing.map((value) => closest(value, names)).find((value) => value !== undefined);
  return meant === undefined ? [list] : [list, `Did you mean ${printable(meant)}?`];
}

/** What the field of a filter is called in an export that calls it otherwise. */
const OTHER_NAMES: Readonly<Record<ValueFilter, readonly [field: KnownField, example: string]>> = {
  status: ['status', 'state'],
  priority: ['priority', 'severity'],
  assignee: ['assignee', 'owner.name'],
  tag: ['tags', 'labels'],
};
const MOST_FIELDS = 12;

/** The export may call the field otherwise: what fields there are, and where to say which one is meant. */
function missingField(filter: ValueFilter, { fieldsInUse }: SelectionFacts): string[] {
  const [field, example] = OTHER_NAMES[filter];
  const shown = fieldsInUse.slice(0, MOST_FIELDS).map((name) => fitPrintable(name, WIDEST_NAME));
  const more = fieldsInUse.length > MOST_FIELDS ? ' …' : '.';
  const fields = shown.length === 0 ? [] : [`Fields in use: ${shown.join(', ')}${more}`];
  const mapping = JSON.stringify({ fieldNames: { [field]: example } });
  return [
    `No case has a ${filter}.`,
    ...fields,
    `If it is called otherwise, map it in case-tracker.config.json: ${mapping}`,
  ];
}
