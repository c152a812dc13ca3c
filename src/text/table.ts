/** Tables for people: columns that fit a terminal, row by row, so that any number of rows can be streamed. */

import { displayWidth, fitPrintable, printable } from './printable.js';

export type StyleName = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
/** Each puts a colour around a text that is already fitted. */
export type Style = Readonly<Record<StyleName, (text: string) => string>>;

const same = (text: string): string => text;
/** No colour. */
export const plain: Style = { bold: same, dim: same, red: same, green: same, yellow: same };

export interface Column {
  /** Shown in capitals. */
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The least it is narrowed to, while there is any room. Default 4. */
  readonly minWidth?: number;
  readonly maxWidth?: number;
  /** Narrowed before the others when the table is too wide. */
  readonly flexible?: boolean;
  /** Is left out when there is no room for it, the lowest number first. A column without it stays. */
  readonly dropOrder?: number;
}

/** Untrusted text, shown through `printable`, and how it is shown. */
export type Cell = string | { readonly text: string; readonly style?: StyleName | undefined };
export type Row = readonly Cell[];

export interface Layout {
  /** The titles on a line, without a line break. */
  header(style?: Style): string;
  /** A row on a line, without a line break. */
  row(cells: Row, style?: Style): string;
}

/** How many rows are buffered before the column widths are fixed. */
export const SAMPLE_ROWS = 200;

const GAP = 2;
const MIN_WIDTH = 4;
/** Where there is no terminal to fit, a longer cell pushes its row aside rather than widen the whole column. */
const WIDEST_COLUMN = 200;

/**
 * Settles the widths of the columns from the first rows, within `width` terminal columns (`Infinity`: as wide as it
 * likes). In later rows a longer cell of a column that does not give way, such as an id, is shown whole at the cost of
 * the flexible ones; a line is never wider than `width`.
 */
export function layout(columns: readonly Column[], sample: readonly Row[], width: number): Layout {
  const all = columns.map((column, index) => measure(column, index, sample, width));
  const slots = giveWay(keep(all, width), width);
  const titles: Row = columns.map(({ title }) => ({ text: title.toUpperCase(), style: 'bold' }));
  return {
    header: (style = plain) => render(slots, titles, width, style),
    row: (cells, style = plain) => render(slots, cells, width, style),
  };
}

/** A column in its place: padded to `width`, cut at `limit`, and leaving `reserve` columns of the line to the others. */
interface Slot {
  readonly column: Column;
  readonly index: number;
  readonly width: number;
  readonly limit: number;
  readonly reserve: number;
}

function measure(column: Column, index: number, sample: readonly Row[], width: number): Slot {
  const limit = column.maxWidth ?? Infinity;
  const most = Math.min(limit, WIDEST_COLUMN, column.flexible ? width : Math.floor(width / 2));
  let widest = displayWidth(printable(column.title.toUpperCase()));
  for (const row of sample) {
    if (widest >= most) break;
    widest = Math.max(widest, displayWidth(fitPrintable(textOf(row[index]), most)));
  }
  return { column, index, width: Math.min(widest, most), limit, reserve: 0 };
}

/** The slots that fit when each flexible one has its least width. */
function keep(slots: readonly Slot[], width: number): readonly Slot[] {
  const narrowest = sum(slots.map((slot) => (slot.column.flexible ? floorOf(slot) : slot.width))) + gaps(slots);
  if (narrowest <= width) return slots;
  const droppable = slots.filter(({ column }) => column.dropOrder !== undefined);
  if (droppable.length === 0) return slots;
  const first = droppable.reduce((a, b) => ((a.column.dropOrder ?? 0) <= (b.column.dropOrder ?? 0) ? a : b));
  return keep(
    slots.filter((slot) => slot !== first),
    width,
  );
}

/** Narrows the widest slots until the line fits: flexible ones to their least, then all to theirs, then to nothing. */
function giveWay(slots: readonly Slot[], width: number): readonly Slot[] {
  if (!Number.isFinite(width)) return slots;
  const room = width - gaps(slots);
  const widths = slots.map((slot) => slot.width);
  narrow(
    widths,
    slots.map((slot) => (slot.column.flexible ? floorOf(slot) : slot.width)),
    room,
  );
  narrow(widths, slots.map(floorOf), room);
  narrow(
    widths,
    slots.map(() => 1),
    room,
  );
  return slots.map((slot, at) => settle(slot, at, slots, widths));
}

/** Columns keep to their width in every row, but for ids and the like that were not narrowed, and the last column. */
function settle(slot: Slot, at: number, slots: readonly Slot[], widths: readonly number[]): Slot {
  const width = widths[at] ?? slot.width;
  const others = slots.slice(at + 1).map((other, after) => {
    const settled = widths[at + 1 + after] ?? other.width;
    return GAP + (other.column.flexible ? Math.min(settled, floorOf(other)) : settled);
  });
  const free = others.length === 0 || (!slot.column.flexible && width === slot.width);
  return { ...slot, width, limit: free ? slot.limit : width, reserve: sum(others) };
}

function narrow(widths: number[], floors: readonly number[], room: number): void {
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    let widest = -1;
    for (const [at, width] of widths.entries()) {
      if (width > (floors[at] ?? 0) && width > (widths[widest] ?? 0)) widest = at;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function floorOf({ column, width }: Slot): number {
  return Math.min(width, column.minWidth ?? MIN_WIDTH);
}

function gaps(slots: readonly Slot[]): number {
  return GAP * Math.max(0, slots.length - 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Puts the cells on a line; space is written only when something follows it. */
function render(slots: readonly Slot[], cells: Row, lineWidth: number, style: Style): string {
  let line = '';
  let space = 0;
  let left = lineWidth;
  for (const { column, index, width, limit, reserve } of slots) {
    const text = fitPrintable(textOf(cells[index]), Math.min(limit, left - reserve));
    const taken = displayWidth(text);
    const fill = Math.max(0, width - taken);
    const before = column.align === 'right' ? fill : 0;
    if (text !== '') {
      line += ' '.repeat(space + before) + styled(text, cells[index], style);
      space = 0;
    }
    space += fill - (text === '' ? 0 : before) + GAP;
    left -= taken + fill + GAP;
  }
  return line;
}

function styled(text: string, cell: Cell | undefined, style: Style): string {
  return typeof cell === 'object' && cell.style !== undefined ? style[cell.style](text) : text;
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.text : (cell ?? '');
}
