/** Columns that are found in the rows: those of the case, of its result, of the enrichment, and of what is left over. */

import { exportName } from '../../core/cases/record.js';
import { type PathNode, PathTree, type PathVisitor } from '../../json/path-tree.js';
import { uniqueTitles } from '../../text/csv.js';
import { cellOf, type ColumnOptions, type Columns, idName, RESULT_TITLES, tagsCell } from './columns.js';
import type { SheetRow } from './row.js';

/** The most columns that rows get, as many as Excel has; what has none of them stands in `other`. */
export const MOST_COLUMNS = 16_384;
/** Longer titles get no column. */
const LONGEST_TITLE = 1_000;
/** The most paths that are kept, those of objects counted too. */
const MOST_PATHS = 4 * MOST_COLUMNS;
const OTHER = 'other';

export class FoundColumns implements Columns, PathVisitor {
  readonly #options: ColumnOptions;
  readonly #tags: string;
  readonly #tree = new PathTree();
  #tagsNode: PathNode | undefined;
  #leaves = 0;
  #hasLeftOver = false;
  #isFixed = false;
  /** Where the columns are, after they are fixed; -1 without such a column. */
  readonly #at = { id: -1, result: -1, other: -1 };
  /** True when the id is in no column of the case and has one of its own. */
  #ownId = false;
  #cells: string[] = [];
  #empty: readonly string[] = [];
  #leftOver = new Map<string, string>();
  #text = '';
  passedOver: PathNode | undefined;
  rowsWithOther = 0;

  constructor(options: ColumnOptions) {
    this.#options = options;
    this.#tags = exportName('tags', options.fieldNames);
  }

  look(row: SheetRow): void {
    this.#walk(row);
  }

  titles(): readonly string[] {
    const { into } = this.#options;
    const answer = into === undefined ? undefined : this.#tree.root.child(into);
    const nodes = leavesBelow(this.#tree.root);
    const ofAnswer = new Set(answer === undefined ? [] : leavesBelow(answer));
    const ofCase = nodes.filter((node) => !ofAnswer.has(node));
    this.#isFixed = true;
    return this.#fix(ofCase, [...ofAnswer]);
  }

  cells(row: SheetRow): readonly string[] {
    this.#cells = this.#empty.slice();
    this.#leftOver.clear();
    this.#walk(row);
    this.#putId(row);
    this.#putResult(row);
    this.#putOther();
    return this.#cells;
  }

  /** Part of the walk. */
  leaf(node: PathNode, start: number, end: number): void {
    if (this.#isFixed) this.#put(node, this.#text.slice(start, end));
    else this.#note(node, this.#text.startsWith('null', start));
  }

  /** Part of the walk. */
  repeated(node: PathNode): void {
    if (!this.#isFixed) return;
    for (const { column } of [node, ...node.below()]) if (column !== -1) this.#cells[column] = '';
  }

  /** Part of the walk. */
  mayAdd(name: string): boolean {
    if (this.#isFixed || name.length > LONGEST_TITLE) return false;
    return this.#leaves < MOST_COLUMNS && this.#tree.size < MOST_PATHS;
  }

  #walk({ text, result }: SheetRow): void {
    if (text === undefined) return;
    this.#text = text;
    // A case that is not enriched may have an answer of an earlier run: beside `failed` it would look like this run's.
    const { into } = this.#options;
    const isAnswered = result === undefined || result.status === 'enriched';
    this.passedOver = into === undefined || isAnswered ? undefined : this.#answerNode(into);
    this.#tree.walk(text, 0, this);
  }

  #answerNode(into: string): PathNode {
    const { root } = this.#tree;
    return root.child(into) ?? root.add(into);
  }

  #note(node: PathNode, isNull: boolean): void {
    if (!node.isAdded || (!node.isLeaf && node.title.length > LONGEST_TITLE)) {
      this.#hasLeftOver ||= !isNull;
      return;
    }
    if (!node.isLeaf) this.#leaves++;
    node.isLeaf = true;
    node.hasValue ||= !isNull;
  }

  #fix(ofCase: readonly PathNode[], ofAnswer: readonly PathNode[]): string[] {
    const { into, hasOther } = this.#options;
    const idTitle = idName(this.#options);
    this.#ownId = !ofCase.some(({ title }) => title === idTitle);
    const own = this.#ownId ? [idTitle] : [];
    const ofResult = into === undefined ? [] : RESULT_TITLES;
    const other = hasOther || this.#hasLeftOver ? [OTHER] : [];
    number(ofCase, own.length);
    number(ofAnswer, own.length + ofCase.length + ofResult.length);
    this.#at.id = this.#ownId ? 0 : (ofCase.find(({ title }) => title === idTitle)?.column ?? -1);
    this.#at.result = ofResult.length === 0 ? -1 : own.length + ofCase.length;
    const count = own.length + ofCase.length + ofResult.length + ofAnswer.length;
    this.#at.other = other.length === 0 ? -1 : count;
    this.#tagsNode = ofCase.find(({ title }) => title === this.#tags);
    this.#empty = Array.from({ length: count + other.length }, () => '');
    // Where names meet, ours stay as they are, then the enrichment's.
    const ours = new Set([...ofResult, ...other, ...own]);
    const answerTitles = uniqueTitles(ofAnswer.map(titleOf), ours);
    const caseTitles = uniqueTitles(ofCase.map(titleOf), new Set([...ours, ...answerTitles]));
    return [...own, ...caseTitles, ...ofResult, ...answerTitles, ...other];
  }

  #put(node: PathNode, valueText: string): void {
    const { column } = node;
    if (column !== -1) this.#cells[column] = node === this.#tagsNode ? tagsCell(valueText) : cellOf(valueText);
    else if (valueText !== 'null') this.#leftOver.set(this.#freeName(node.title), valueText);
  }

  /** Two paths may have the same title: `a.b`, and `b` inside of `a`. */
  #freeName(title: string): string {
    return uniqueTitles([title], new Set(this.#leftOver.keys()))[0] ?? title;
  }

  #putId({ caseId, text }: SheetRow): void {
    if (this.#ownId || text === undefined) this.#cells[this.#at.id] = caseId ?? '';
  }

  #putResult({ result }: SheetRow): void {
    const at = this.#at.result;
    if (result === undefined || at === -1) return;
    this.#cells[at] = result.status;
    this.#cells[at + 1] = result.error;
    this.#cells[at + 2] = String(result.attempts);
  }

  #putOther(): void {
    if (this.#leftOver.size === 0) return;
    if (this.#at.other === -1) throw new Error('a row has values that it did not have before');
    this.rowsWithOther++;
    const members = [...this.#leftOver].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    this.#cells[this.#at.other] = `{${members.join(',')}}`;
  }
}

/** The paths below with a value of their own. One that is null wherever it is no object needs no column beside those of its members. */
function leavesBelow(top: PathNode): PathNode[] {
  const nodes = [...top.below()].filter((node) => node.isLeaf && (node.hasValue || !hasLeafBelow(node)));
  return top.isLeaf && (top.hasValue || nodes.length === 0) ? [top, ...nodes] : nodes;
}

function hasLeafBelow(node: PathNode): boolean {
  for (const { isLeaf } of node.below()) if (isLeaf) return true;
  return false;
}

function number(nodes: readonly PathNode[], from: number): void {
  for (const [at, node] of nodes.entries()) node.column = from + at;
}

function titleOf({ title }: PathNode): string {
  return title;
}
