/** The failed cases for the page's table: as many and as detailed as fit into a number of bytes. */

import { clip } from '../../text/clip.js';
import type { FailureGroup } from '../../core/results/failure-groups.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { placeText } from '../../core/case.js';
import type { AnyResult } from '../../core/results/run-info.js';
import { scriptJson } from '../../text/escape.js';
import { causeData } from './cause-data.js';
import { type FailureData, lineNumber, type RowData } from './page/failure-data.js';

/** A failed case as the table shows it. */
export interface FailureRow {
  readonly id: string;
  /** The id was too long or is none: it is shown, but not offered for copying. */
  readonly idCut: boolean;
  readonly cause: string;
  /** The number of its group. */
  readonly group: number;
  readonly attempts: number;
  readonly ms: number;
  readonly message: string;
  readonly body: string;
  readonly requestId: string;
  readonly file: string;
  /** As by `lineNumber`. */
  readonly line: number;
}

/** The longest that a row's texts may be, in characters. */
interface Level {
  readonly id: number;
  readonly message: number;
  readonly body: number;
  readonly requestId: number;
}

// In this order, from long texts to hardly more than the id, until all rows fit.
const LEVELS: readonly [Level, ...Level[]] = [
  { id: 200, message: 200, body: 512, requestId: 100 },
  { id: 200, message: 200, body: 120, requestId: 100 },
  { id: 200, message: 200, body: 0, requestId: 40 },
  { id: 100, message: 100, body: 0, requestId: 0 },
  { id: 60, message: 40, body: 0, requestId: 0 },
  { id: 40, message: 0, body: 0, requestId: 0 },
];

/** Holds at most `maxBytes` of rows. When they get too many, texts get shorter; in the end rows are left out. */
export class FailureRows {
  /** Failed cases that did not fit. */
  left = 0;
  #rows: FailureRow[] = [];
  #level = 0;
  #bytes = 0;
  #strings = new Map<string, number>();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a failed result and the number of its group. */
  add(result: AnyResult, group: number): void {
    if (this.left > 0) {
      this.left++;
      return;
    }
    this.#push(rowOf(result, group));
    while (this.#bytes > this.#maxBytes) this.#shrink();
  }

  /** The first rows, for readers without script. */
  first(max: number): readonly FailureRow[] {
    return this.#rows.slice(0, max);
  }

  get size(): number {
    return this.#rows.length;
  }

  /** True when messages or answers were cut short for the sake of the page's size. */
  get shortened(): boolean {
    return this.#level > 0;
  }

  /** The rows as JSON for the page's script, in at most `maxBytes`. */
  json(groups: readonly FailureGroup[], maxBytes: number): string {
    let text = this.#encode(groups);
    while (byteLength(text) > maxBytes && this.#rows.length > 0) {
      this.#shrink();
      text = this.#encode(groups);
    }
    return text;
  }

  #push(row: FailureRow): void {
    const short = shortened(row, LEVELS[this.#level] ?? LEVELS[0]);
    this.#rows.push(short);
    this.#bytes += byteLength(scriptJson([short.id, short.requestId])) + 32;
    for (const text of [short.message, short.body, short.file]) this.#bytes += this.#intern(text);
  }

  /** The number of bytes that the text adds: each distinct text is written once and shared by its rows. */
  #intern(text: string): number {
    if (this.#strings.has(text)) return 0;
    this.#strings.set(text, this.#strings.size);
    return byteLength(scriptJson(text)) + 1;
  }

  /** Shorter texts, or a tenth fewer rows when they can't get shorter. */
  #shrink(): void {
    const rows = this.#rows;
    const keep = this.#level + 1 < LEVELS.length ? rows.length : Math.floor(rows.length * 0.9);
    this.#level = Math.min(this.#level + 1, LEVELS.length - 1);
    this.left += rows.length - keep;
    this.#rows = [];
    this.#strings = new Map();
    this.#bytes = 0;
    for (const row of rows.slice(0, keep)) this.#push(row);
  }

  #encode(groups: readonly FailureGroup[]): string {
    const causeOfGroup = new Map(groups.map(({ number }, index) => [number, index]));
    const data: FailureData = {
      causes: groups.map(causeData),
      texts: [...this.#strings.keys()],
      rows: this.#rows.map((row) => this.#rowData(row, causeOfGroup.get(row.group) ?? 0)),
      cutIds: this.#rows.flatMap((row, index) => (row.idCut ? [index] : [])),
      left: this.left,
    };
    return scriptJson(data);
  }

  #rowData({ id, attempts, ms, message, body, requestId, file, line }: FailureRow, cause: number): RowData {
    const at = (text: string): number => this.#strings.get(text) ?? 0;
    return [id, cause, attempts, ms, at(message), at(body), requestId, at(file), line];
  }
}

function rowOf(result: AnyResult, group: number): FailureRow {
  const { error, source } = result;
  return {
    id: result.caseId ?? (source === undefined ? '' : placeText(source)),
    idCut: result.caseId === null,
    cause: error === null ? '' : failureLabel(error),
    group,
    attempts: result.attempts,
    ms: Math.round(result.durationMs),
    message: error?.message ?? '',
    body: error?.body ?? '',
    requestId: error?.requestId ?? '',
    file: source?.file ?? '',
    line: lineNumber(source),
  };
}

function shortened(row: FailureRow, level: Level): FailureRow {
  return {
    ...row,
    id: clip(row.id, level.id),
    idCut: row.idCut || row.id.length > level.id,
    message: cutOrNothing(row.message, level.message),
    body: cutOrNothing(row.body, level.body),
    requestId: cutOrNothing(row.requestId, level.requestId),
    file: clip(row.file, level.id),
  };
}

function cutOrNothing(text: string, max: number): string {
  return max === 0 ? '' : clip(text, max);
}

/** Bytes in UTF-8. Only for well-formed text, which is all that JSON.stringify writes. */
function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
