/** The parts that charts are made of. A plot stretches with the page; its labels are HTML and keep their size. */

import { formatDecimal } from '../../text/format.js';
import { html, type Markup, trusted } from './markup.js';
import { type Bar, barsPath, cssPercent, linePath, WIDTH } from './page/chart-paths.js';
import type { Tick } from './page/chart-ticks.js';

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

/** One rectangle a value, as a single path. */
export function bars(className: string, all: readonly Bar[], plotHeight: number, gap: number): Markup {
  return shape(className, barsPath(all, plotHeight, gap));
}

export function shape(className: string, path: string): Markup {
  return path === '' ? html`` : trusted(`<path class="${className}" d="${path}"/>`);
}

const HATCH = trusted(
  '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/></pattern></defs>',
);

function line(className: string, x1: number, y1: number, x2: number, y2: number): Markup {
  return shape(className, linePath(x1, y1, x2, y2));
}

function markerLabel({ at, label, row }: Marker): Markup {
  const side = at > 0.7 ? 'right' : 'left';
  const place = `${side}:${cssPercent(side === 'left' ? at : 1 - at)};top:${row * 17}px`;
  return html`<span class="flag" style="${place}">${label}</span>`;
}

function tickLabel({ at, label, minor }: Tick): Markup {
  return html`<span class="${minor ? 'minor' : ''}" style="left:${cssPercent(at)}">${label}</span>`;
}
