/** Tables of results: for a terminal the failures first and few rows, for a file every row as it comes. */

import { EnrichedCase } from '../../core/case.js';
import { clip } from '../../text/clip.js';
import { failureLabel } from '../../core/results/failure-label.js';
import { placeText } from '../../core/case.js';
import { textAt } from '../../json/text.js';
import type { AnyResult } from '../../core/results/run-info.js';
import { formatCount, formatDuration } from '../../text/format.js';
import {
  type Cell,
  type Column,
  type Layout,
  type Row,
  type Style,
  type StyleName,
  SAMPLE_ROWS,
  layout,
  plain,
} from '../../text/table.js';

export interface ResultTableOptions {
  /** The field that holds the answer. */
  readonly into?: string;
  /** How to see the rows that a terminal leaves out. */
  readonly howToSeeAll?: string;
}

const MOST_ROWS = 50;
const EXCERPT_LENGTH = 400;
const MISSING = '–';

const COLUMNS: readonly Column[] = [
  { title: 'id', minWidth: 12 },
  { title: 'status' },
  { title: 'kind', dropOrder: 2 },
  { title: 'attempts', align: 'right', dropOrder: 0 },
  { title: 'time', align: 'right', dropOrder: 1 },
  { title: 'detail', flexible: true, minWidth: 16, maxWidth: EXCERPT_LENGTH },
];

const STATUS_STYLES: Readonly<Record<AnyResult['status'], StyleName>> = {
  enriched: 'green',
  failed: 'red',
  invalid: 'yellow',
  cancelled: 'dim',
};

/** What decides which results are shown: those without an enrichment first, then the order of the input. */
interface Rank {
  readonly enriched: boolean;
  readonly index: number;
}

/** Keeps what a terminal shows of any number of results: at most 50 rows, the cases without an enrichment first. */
export class ResultTableCollector {
  readonly #options: ResultTableOptions;
  readonly #rows: (Rank & { readonly cells: Row })[] = [];
  #count = 0;

  constructor(options: ResultTableOptions = {}) {
    this.#options = options;
  }

  add(result: AnyResult): void {
    this.#count++;
    const rank = { enriched: result.status === 'enriched' && !result.stale, index: result.index };
    const at = this.#placeOf(rank);
    if (at >= MOST_ROWS) return;
    this.#rows.splice(at, 0, { ...rank, cells: cellsOf(result, this.#options) });
    if (this.#rows.length > MOST_ROWS) this.#rows.pop();
  }

  /** The table as lines, each with its line break; empty when there is no result. */
  render(width: number, style: Style = plain): string {
    if (this.#rows.length === 0) return '';
    const rows = this.#rows.map(({ cells }) => cells);
    const table = layout(COLUMNS, rows, width);
    const shown = [table.header(style), ...rows.map((row) => table.row(row, style))];
    const more = this.#count - rows.length;
    const { howToSeeAll = 'keep all of them with -o results.ndjson' } = this.#options;
    if (more > 0) shown.push(style.dim(`… and ${formatCount(more)} more (${howToSeeAll})`));
    return lines(shown);
  }

  #placeOf(rank: Rank): number {
    let at = this.#rows.length;
    for (let row = this.#rows[at - 1]; row !== undefined && comesBefore(rank, row); row = this.#rows[at - 1]) at--;
    return at;
  }
}

/** A Renderer that takes results of both kinds. */
export interface ResultTable {
  begin(): string;
  result(result: AnyResult): string;
  end(): string;
}

export interface ResultTableStreamOptions extends ResultTableOptions {
  /** Of the terminal; nothing is cut for it when absent. */
  readonly width?: number;
  readonly style?: Style;
}

/** The table of every result in the order given, as a file wants it: the first 200 rows settle the widths. */
export function resultTable(options: ResultTableStreamOptions = {}): ResultTable {
  const { width = Infinity, style = plain } = options;
  const waiting: Row[] = [];
  let table: Layout | undefined;
  const settle = (): string => {
    const settled = layout(COLUMNS, waiting, width);
    table = settled;
    return lines([settled.header(style), ...waiting.splice(0).map((row) => settled.row(row, style))]);
  };
  return {
    begin: () => '',
    result(result) {
      const cells = cellsOf(result, options);
      if (table !== undefined) return lines([table.row(cells, style)]);
      return waiting.push(cells) < SAMPLE_ROWS ? '' : settle();
    },
    end: () => (table === undefined ? settle() : ''),
  };
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}

function comesBefore(a: Rank, b: Rank): boolean {
  return a.enriched === b.enriched ? a.index < b.index : b.enriched;
}

function cellsOf(result: AnyResult, options: ResultTableOptions): Row {
  const called = result.attempts > 0;
  return [
    result.caseId ?? (result.source === undefined ? MISSING : placeText(result.source)),
    statusCell(result),
    result.error === null ? MISSING : failureLabel(result.error),
    String(result.attempts),
    called ? formatDuration(result.durationMs) : MISSING,
    clip(result.error?.message ?? excerpt(result, options.into ?? 'enrichment'), EXCERPT_LENGTH + 1),
  ];
}

function statusCell({ status, stale, skipped, httpStatus }: AnyResult): Cell {
  if (stale) return { text: 'stale', style: 'yellow' };
  if (skipped) return { text: 'skipped', style: STATUS_STYLES.enriched };
  const text = httpStatus === undefined ? status : `${status} (${httpStatus})`;
  return { text, style: STATUS_STYLES[status] };
}

/** The beginning of the enrichment, as JSON. */
function excerpt({ enrichedCase }: AnyResult, into: string): string {
  if (enrichedCase === null) return '';
  const text =
    enrichedCase instanceof EnrichedCase ? textAt(enrichedCase.text, [into]) : memberText(enrichedCase, into);
  return text ?? MISSING;
}

function memberText(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? JSON.stringify(record[name]) : undefined;
}
