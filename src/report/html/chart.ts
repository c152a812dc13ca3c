/** The parts that charts are made of. A plot stretches with the page; its labels are HTML and keep their size. */

import { formatDecimal } from '../../text/format.js';
import { html, type Markup, trusted } from './markup.js';

/** The width of every plot in its own units; heights are in pixels. */
export const WIDTH = 1000;

/** A label at `at` (0 to 1) of an axis. Minor ones are left out on narrow screens. */
export interface Tick {
  readonly at: number;
  readonly label: string;
  readonly minor?: boolean;
}

/** A labelled line across the plot at `at` (0 to 1) of its width; `row` keeps labels from covering each other. */
export interface Marker {
  readonly at: number;
  readonly label: string;
  readonly row: number;
}

export interface Plot {
  readonly height: number;
  readonly unit: string;
  readonly shapes: readonly Markup[];
  readonly y: readonly Tick[];
  readonly x?: readonly Tick[];
  readonly markers?: readonly Marker[];
}

/** Drawing area with its axes. */
export function plot({ height, unit, shapes, y, x = [], markers = [] }: Plot): Markup {
  const rules = y.map(({ at }) => line('rule', 0, height * (1 - at), WIDTH, height * (1 - at)));
  const lines = markers.map(({ at }) => line('marker', at * WIDTH, 0, at * WIDTH, height));
  return html`<div class="plot">
    <p class="unit">${unit}</p>
    <div class="y" aria-hidden="true">
      ${y.map(({ at, label }) => html`<span style="top:${cssPercent(1 - at)}">${label}</span>`)}
    </div>
    <div class="area" style="height:${height}px">
      <svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" aria-hidden="true">
        ${HATCH}${rules}${shapes}${lines}</svg
      >${markers.map(markerLabel)}
    </div>
    <div class="x" aria-hidden="true">${x.map(tickLabel)}</div>
  </div>`;
}

export type Cell = string | number;

/** A table of a chart's numbers. `at` (0 to 1) is where a row stands on the x axis. */
export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly { readonly at: number; readonly cells: readonly Cell[] }[];
}

/** The numbers behind a chart: folded below it, and what is shown when pointing at it. */
export function numbers(table: ChartTable): Markup {
  const row = ({ at, cells }: ChartTable['rows'][number]): Markup =>
    html`<tr data-x="${formatDecimal(at, 4)}">
      <th scope="row">${cells[0]}</th>
      ${cells.slice(1).map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  return html`<details class="numbers">
    <summary>The numbers</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="The numbers behind the chart">
      <table>
        <thead>
          <tr>
            ${table.head.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${table.rows.map(row)}
        </tbody>
      </table>
    </div>
  </details>`;
}

export interface LegendEntry {
  readonly className: string;
  readonly label: string;
}

export function legend(entries: readonly LegendEntry[]): Markup {
  return html`<ul class="legend">
    ${entries.map(({ className, label }) => html`<li><i class="key ${className}"></i>${label}</li>`)}
  </ul>`;
}

/** One rectangle a value, as a single path; `from` and `to` are positions on the x axis (0 to 1), heights in pixels. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly bottom: number;
  readonly height: number;
}

export function bars(className: string, all: readonly Bar[], plotHeight: number, gap: number): Markup {
  const path = all
    .filter(({ height }) => height > 0)
    .map(({ from, to, bottom, height }) => {
      const width = Math.max(0.6, (to - from) * WIDTH - gap);
      const top = plotHeight - bottom - height;
      return `M${xy(from * WIDTH + gap / 2, top)}h${num(width)}v${num(height)}h-${num(width)}z`;
    });
  return shape(className, path.join(''));
}

/** A line of steps through values (in pixels from the bottom) that each hold from `from` to `to`. */
export function steps(all: readonly Omit<Bar, 'bottom'>[], plotHeight: number): string {
  let path = '';
  for (const { from, to, height } of all) {
    const y = plotHeight - height;
    path += `${path === '' ? 'M' : 'L'}${xy(from * WIDTH, y)}H${num(to * WIDTH)}`;
  }
  return path;
}

export function shape(className: string, path: string): Markup {
  return path === '' ? html`` : trusted(`<path class="${className}" d="${path}"/>`);
}

/** At most six round values from 0 to at least `max`, `least` or more apart. */
export function linearTicks(max: number, format: (value: number) => string, least = 0): { top: number; ticks: Tick[] } {
  const step = Math.max(least, roundUp(Math.max(max, 1e-9) / 4));
  const steps = Math.max(1, Math.ceil(max / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, i) => ({ at: i / steps, label: format(i * step) }));
  return { top: steps * step, ticks };
}

/** 1, 2 or 5 times a power of ten, not below the value. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Coordinates with two digits, joined. */
export function xy(x: number, y: number): string {
  return `${num(x)},${num(y)}`;
}

const HATCH = trusted(
  '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/></pattern></defs>',
);

function line(className: string, x1: number, y1: number, x2: number, y2: number): Markup {
  return trusted(`<path class="${className}" d="M${xy(x1, y1)}L${xy(x2, y2)}"/>`);
}

function markerLabel({ at, label, row }: Marker): Markup {
  const side = at > 0.7 ? 'right' : 'left';
  const place = `${side}:${cssPercent(side === 'left' ? at : 1 - at)};top:${row * 17}px`;
  return html`<span class="flag" style="${place}">${label}</span>`;
}

function tickLabel({ at, label, minor }: Tick): Markup {
  return html`<span class="${minor ? 'minor' : ''}" style="left:${cssPercent(at)}">${label}</span>`;
}

function cssPercent(part: number): string {
  return `${formatDecimal(part * 100, 2)}%`;
}

function num(value: number): string {
  return formatDecimal(value, 2);
}
