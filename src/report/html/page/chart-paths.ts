/** The geometry of charts: numbers in, SVG paths out. The report and the live page draw by it. */

import { formatDecimal } from '../../../text/format.js';
import type { Tick } from './chart-ticks.js';

/** The width of every plot in its own units; heights are in pixels. */
export const WIDTH = 1000;

/** What is drawn in a plot. */
export interface PlotDrawing {
  /** The path of each layer; an absent one is empty. */
  readonly paths: Readonly<Record<string, string>>;
  readonly y: readonly Tick[];
  readonly x: readonly Tick[];
}

/** A value as a rectangle: `from` and `to` are positions on the x axis (0 to 1), `bottom` and `height` in pixels. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly bottom: number;
  readonly height: number;
}

/** One rectangle a value, as a single path. */
export function barsPath(all: readonly Bar[], plotHeight: number, gap: number): string {
  return all
    .filter(({ height }) => height > 0)
    .map(({ from, to, bottom, height }) => {
      const width = Math.max(0.6, (to - from) * WIDTH - gap);
      const top = plotHeight - bottom - height;
      return `M${xy(from * WIDTH + gap / 2, top)}h${num(width)}v${num(height)}h-${num(width)}z`;
    })
    .join('');
}

/** A line of steps through values (in pixels from the bottom) that each hold from `from` to `to`. */
export function stepsPath(all: readonly Omit<Bar, 'bottom'>[], plotHeight: number): string {
  let path = '';
  for (const { from, to, height } of all) {
    const y = plotHeight - height;
    path += `${path === '' ? 'M' : 'L'}${xy(from * WIDTH, y)}H${num(to * WIDTH)}`;
  }
  return path;
}

/** A line of steps with a gap wherever there is no value. */
export function brokenStepsPath(
  all: readonly { readonly from: number; readonly to: number; readonly height: number | null }[],
  plotHeight: number,
): string {
  const pieces: Omit<Bar, 'bottom'>[][] = [[]];
  for (const { from, to, height } of all) {
    if (height === null) pieces.push([]);
    else pieces.at(-1)?.push({ from, to, height });
  }
  return pieces.map((piece) => stepsPath(piece, plotHeight)).join('');
}

/** A straight line. */
export function linePath(x1: number, y1: number, x2: number, y2: number): string {
  return `M${xy(x1, y1)}L${xy(x2, y2)}`;
}

/** Coordinates with two digits, joined. */
export function xy(x: number, y: number): string {
  return `${num(x)},${num(y)}`;
}

/** A part of something as CSS has it: `12.5%`. */
export function cssPercent(part: number): string {
  return `${formatDecimal(part * 100, 2)}%`;
}

function num(value: number): string {
  return formatDecimal(value, 2);
}
