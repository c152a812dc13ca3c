/** A plot like those of the report, made of elements and drawn again and again. */

import { cssPercent, linePath, type PlotDrawing, WIDTH } from './chart-paths.js';
import type { Tick } from './chart-ticks.js';
import { make, makeSvg } from './elements.js';

export interface PlotOptions {
  readonly height: number;
  readonly unit: string;
  /** The classes of its paths, the lowest first. */
  readonly layers: readonly string[];
}

export class SvgPlot {
  readonly element: HTMLElement;
  readonly #height: number;
  readonly #layers = new Map<string, SVGElement>();
  readonly #y = make('div', { className: 'y' });
  readonly #x = make('div', { className: 'x' });

  constructor({ height, unit, layers }: PlotOptions) {
    this.#height = height;
    for (const name of ['rule', ...layers]) this.#layers.set(name, makeSvg('path', { class: name }));
    const viewBox = `0 0 ${WIDTH} ${height}`;
    const drawing = makeSvg('svg', { viewBox, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, hatch());
    drawing.append(...this.#layers.values());
    const area = make('div', { className: 'area' }, drawing);
    area.style.height = `${height}px`;
    for (const axis of [this.#x, this.#y]) axis.setAttribute('aria-hidden', 'true');
    this.element = make('div', { className: 'plot' }, make('p', { className: 'unit', textContent: unit }));
    this.element.append(this.#y, area, this.#x);
  }

  draw({ paths, y, x }: PlotDrawing): void {
    const rules = y.map(({ at }) => this.#height * (1 - at)).map((top) => linePath(0, top, WIDTH, top));
    for (const [name, path] of this.#layers)
      path.setAttribute('d', name === 'rule' ? rules.join('') : (paths[name] ?? ''));
    drawTicks(this.#y, y, (label, at) => (label.style.top = cssPercent(1 - at)));
    drawTicks(this.#x, x, (label, at) => (label.style.left = cssPercent(at)));
  }
}

function drawTicks(axis: HTMLElement, ticks: readonly Tick[], place: (label: HTMLElement, at: number) => void): void {
  const labels = ticks.map(({ at, label: textContent, minor }) => {
    const label = make('span', { textContent, className: minor ? 'minor' : '' });
    place(label, at);
    return label;
  });
  axis.replaceChildren(...labels);
}

/** How failures are filled: not by colour alone. */
function hatch(): SVGElement {
  const size = { width: '6', height: '6' };
  const lines = [
    makeSvg('rect', { class: 'hatch-ground', ...size }),
    makeSvg('rect', { class: 'hatch-line', width: '2.5', height: '6' }),
  ];
  const units = { patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' };
  return makeSvg('defs', {}, makeSvg('pattern', { id: 'hatch', ...size, ...units }, ...lines));
}
