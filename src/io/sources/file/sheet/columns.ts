/** The columns that a header row names, and a row as the JSON object that they make of it. */

import { usualIdName } from '../../../../core/cases/id-candidates.js';
import { exportName, type FieldOptions } from '../../../../core/cases/record.js';
import { InputError } from '../../../../errors.js';
import { clip } from '../../../../text/clip.js';
import { closest } from '../../../../text/did-you-mean.js';
import { shellQuote } from '../../../../text/shell.js';
import { MAX_RECORD_BYTES, TOO_LARGE } from '../record-sink.js';
import { DELIMITERS } from './sheet-start.js';

/** Where the header stands. */
export interface HeaderPlace {
  /** The file in messages. */
  readonly name: string;
  readonly line: number;
}

const MOST_SHOWN = 12;
const LONGEST_SHOWN = 40;
/** The quotes of a name, its colon, the shortest value and the comma: `"":"1",`. */
const LEAST_AROUND = 7;

export class Columns {
  readonly count: number;
  /** What stands in front of each value: `{"id":`, `,"title":`. */
  readonly #before: readonly string[];
  readonly #tagsAt: number;

  /** Throws an InputError for a header that no row fits, with the same name twice, or without the column that holds the id. */
  constructor(header: readonly string[], { idField, fieldNames }: FieldOptions, place: HeaderPlace) {
    refuseTooMany(header, place);
    const names = header.map((name, at) => name.trim() || `column_${at + 1}`);
    refuseEqualNames(names, place);
    refuseWithoutId(names, idField ?? exportName('id', fieldNames), place);
    this.count = names.length;
    this.#before = names.map((name, at) => `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    this.#tagsAt = names.indexOf(exportName('tags', fieldNames));
  }

  /** Every cell as a string, an empty or missing one as null, and the tags as an array. */
  json(cells: readonly string[]): string {
    let text = '';
    for (let at = 0; at < this.count; at++) {
      const cell = cells[at] ?? '';
      text += this.#before[at];
      if (cell === '') text += 'null';
      else text += at === this.#tagsAt ? tagsJson(cell) : JSON.stringify(cell);
    }
    return `${text}}`;
  }
}

function tagsJson(cell: string): string {
  const tags = cell.split(/[|;,]/).map((tag) => tag.trim());
  return JSON.stringify(tags.filter((tag) => tag !== ''));
}

/** A row has at least a quoted digit for each column: where that is too large as JSON, no row can be a record. */
function refuseTooMany(header: readonly string[], { name, line }: HeaderPlace): void {
  let least = 1;
  for (const [at, column] of header.entries()) least += (column.trim() || `column_${at + 1}`).length + LEAST_AROUND;
  if (least <= MAX_RECORD_BYTES) return;
  throw new InputError(
    `${name}: ${header.length} columns, which make every row ${TOO_LARGE} (header in line ${line})`,
    {
      hint: 'is the delimiter right? --delimiter says which one it is',
    },
  );
}

function refuseEqualNames(names: readonly string[], { name, line }: HeaderPlace): void {
  const firstAt = new Map<string, number>();
  for (const [at, column] of names.entries()) {
    const first = firstAt.get(column);
    firstAt.set(column, at);
    if (first === undefined) continue;
    throw new InputError(
      `${name}: columns ${first + 1} and ${at + 1} have the same name, ${shown(column)} (header in line ${line})`,
      { hint: 'give each column a name of its own' },
    );
  }
}

function refuseWithoutId(names: readonly string[], idField: string, { name, line }: HeaderPlace): void {
  if (names.includes(idField)) return;
  const first = names.slice(0, MOST_SHOWN).map(shown);
  const more = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : '';
  throw new InputError(`${name} has no column ${shown(idField)}, which would hold the id (header in line ${line})`, {
    details: [`its ${names.length === 1 ? 'only column is' : 'columns are'} ${first.join(', ')}${more}`],
    hint: idHint(names, idField),
  });
}

function idHint(names: readonly string[], idField: string): string {
  const delimiter =
    DELIMITERS.find((one) => names.length === 1 && names[0]?.includes(one)) ?? betweenId(names, idField);
  if (delimiter !== undefined) {
    return `is the delimiter right? --delimiter ${delimiter === '\t' ? 'tab' : shellQuote(delimiter)}`;
  }
  const likely = (idField === 'id' ? undefined : closest(idField, names)) ?? usualIdName(names);
  return likely === undefined ? '--id-field NAME says which column it is' : `--id-field ${shellQuote(likely)}`;
}

/** The delimiter that would give the id its column: `id;Name, Vorname` has been cut at the comma of a name. */
function betweenId(names: readonly string[], idField: string): string | undefined {
  return DELIMITERS.find((one) => names.some((name) => name.split(one).some((part) => part.trim() === idField)));
}

function shown(name: string): string {
  return clip(name, LONGEST_SHOWN);
}
