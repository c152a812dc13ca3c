/** The numbers of a chart at the place that is pointed at. */

import { make, makeList } from './elements.js';

/** What is shown at a place of a chart. */
export interface ChartRow {
  /** Where the row stands on the x axis, 0 to 1. */
  readonly x: number;
  readonly numbers: readonly (readonly [name: string, value: string])[];
}

/** Shows the numbers of the table that follows the figure. */
export function showNumbersAtPointer(figure: HTMLElement): void {
  const table = figure.nextElementSibling?.querySelector('table');
  if (!table) return;
  const rows = rowsOf(table);
  followPointer(figure, () => rows);
}

/** Shows the numbers of the row nearest to the pointer in a box, and a line through every plot of the figure. */
export function followPointer(figure: HTMLElement, rows: () => readonly ChartRow[]): void {
  const plots = [...figure.querySelectorAll<HTMLElement>('.area')];
  const [first] = plots;
  if (first === undefined) return;
  const tip = make('div', { className: 'tip', hidden: true });
  first.append(tip);
  const lines = plots.map((plot) => plot.appendChild(make('div', { className: 'cross', hidden: true })));

  const show = (row: ChartRow | undefined): void => {
    for (const element of [tip, ...lines]) element.hidden = row === undefined;
    if (row === undefined) return;
    tip.replaceChildren(makeList(row.numbers));
    placeBeside(tip, row.x);
    for (const line of lines) line.style.left = `${row.x * 100}%`;
  };
  for (const plot of plots) {
    plot.addEventListener('pointermove', ({ clientX }) => show(rowAt(rows(), first, clientX)));
    plot.addEventListener('pointerleave', () => show(undefined));
  }
}

function rowsOf(table: HTMLTableElement): ChartRow[] {
  const names = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent);
  return [...(table.tBodies[0]?.rows ?? [])].map((row) => ({
    x: Number(row.dataset['x']),
    numbers: [...row.cells].map((cell, index) => [names[index] ?? '', cell.textContent] as const),
  }));
}

function rowAt(rows: readonly ChartRow[], plot: HTMLElement, clientX: number): ChartRow | undefined {
  const box = plot.getBoundingClientRect();
  const x = (clientX - box.left) / box.width;
  if (x < 0 || x > 1 || rows.length === 0) return undefined;
  const distance = (row: ChartRow): number => Math.abs(row.x - x);
  return rows.reduce((best, row) => (distance(row) < distance(best) ? row : best), rows[0] ?? { x: 0, numbers: [] });
}

/** Right of `x` in the left half of the plot, left of it in the right half. */
function placeBeside(tip: HTMLElement, x: number): void {
  tip.style.left = x < 0.5 ? `calc(${x * 100}% + 10px)` : 'auto';
  tip.style.right = x < 0.5 ? 'auto' : `calc(${(1 - x) * 100}% + 10px)`;
}
