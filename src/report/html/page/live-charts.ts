/** The charts of the run under way: rate, latency, calls in flight, one below the other over the same time. */

import { formatCount, formatDecimal, formatDuration } from '../../../text/format.js';
import { type ChartRow, followPointer } from './chart-tips.js';
import { type Course, courseOf, type Moment } from './course.js';
import {
  FLIGHT_HEIGHT,
  flightDrawing,
  LATENCY_HEIGHT,
  latencyDrawing,
  RATE_HEIGHT,
  rateDrawing,
} from './course-drawing.js';
import { find, make, setText } from './elements.js';
import type { LiveModel } from './live-model.js';
import { SvgPlot } from './svg-plot.js';

/** Rows of the table of numbers: the document stays small however long the run is. */
const MOST_ROWS = 40;

const LEGEND = [
  ['ok', 'answered well'],
  ['retried', 'failed, tried again'],
  ['failed', 'failed for good'],
  ['p50', 'latency p50'],
  ['p99', 'latency p99'],
  ['flight', 'in flight'],
  ['limit', 'limit'],
  ['paused', 'pause or outage'],
] as const;

export class LiveCharts {
  readonly #rate = new SvgPlot({
    height: RATE_HEIGHT,
    unit: 'attempts a second',
    layers: ['paused', 'ok', 'retried', 'failed'],
  });
  readonly #latency = new SvgPlot({ height: LATENCY_HEIGHT, unit: 'latency', layers: ['paused', 'p50', 'p99'] });
  readonly #flight = new SvgPlot({
    height: FLIGHT_HEIGHT,
    unit: 'calls in flight',
    layers: ['paused', 'flight-area', 'flight', 'limit'],
  });
  readonly #numbers = make('details', { className: 'numbers' }, make('summary', { textContent: 'The numbers' }));
  readonly #table = make('tbody');
  #course: Course = { spanMs: 1, moments: [] };

  constructor() {
    const figure = make(
      'figure',
      { className: 'chart' },
      this.#rate.element,
      this.#latency.element,
      this.#flight.element,
    );
    figure.setAttribute('aria-label', 'Rate, latency and calls in flight over the time of the run');
    this.#numbers.append(tableBox(this.#table));
    find('#charts').append(legend(), figure, this.#numbers);
    followPointer(figure, () => this.#course.moments.map(chartRow));
    this.#numbers.addEventListener('toggle', () => this.#fillTable());
  }

  draw({ series, state, end }: LiveModel): void {
    this.#course = courseOf(series, state.elapsedMs, end !== null);
    this.#rate.draw(rateDrawing(this.#course));
    this.#latency.draw(latencyDrawing(this.#course));
    this.#flight.draw(flightDrawing(this.#course));
    setText(
      find('#course-note'),
      `Each step is ${formatDuration(series.stepMs)}. The axis of the latency is logarithmic.`,
    );
    this.#fillTable();
  }

  /** Has all rows in the table while something is made of the page. */
  withAllNumbers<Made>(work: () => Made): Made {
    this.#table.replaceChildren(...this.#course.moments.map(tableRow).toReversed());
    const made = work();
    this.#fillTable();
    return made;
  }

  /** Only while it is open. */
  #fillTable(): void {
    const rows = this.#numbers.open ? this.#course.moments.slice(-MOST_ROWS).toReversed() : [];
    this.#table.replaceChildren(...rows.map(tableRow));
  }
}

const HEAD = ['From', 'Well', 'Again', 'Failed', 'p50', 'p99', 'In flight', 'Limit', 'Paused'];

function cells(moment: Moment): string[] {
  const { fromMs, ok, retried, failed, p50, p99, inFlight, limit, paused } = moment;
  return [
    formatDuration(fromMs),
    ...[ok, retried, failed].map((rate) => `${formatDecimal(rate, rate < 10 ? 2 : 0)}/s`),
    ...[p50, p99].map((ms) => (ms === null ? '–' : formatDuration(ms))),
    formatCount(inFlight),
    formatCount(limit),
    paused > 0 ? 'yes' : '–',
  ];
}

function chartRow(moment: Moment): ChartRow {
  const values = cells(moment);
  return { x: (moment.from + moment.to) / 2, numbers: HEAD.map((name, index) => [name, values[index] ?? ''] as const) };
}

function tableRow(moment: Moment): HTMLTableRowElement {
  const [first = '', ...others] = cells(moment);
  const head = make('th', { scope: 'row', textContent: first });
  return make('tr', {}, head, ...others.map((textContent) => make('td', { textContent })));
}

function tableBox(body: HTMLTableSectionElement): HTMLElement {
  const heads = HEAD.map((textContent) => make('th', { scope: 'col', textContent }));
  const table = make('table', {}, make('thead', {}, make('tr', {}, ...heads)), body);
  const box = make('div', { className: 'scroll', tabIndex: 0 }, table);
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', 'The numbers behind the charts, the newest first');
  return box;
}

function legend(): HTMLElement {
  const entries = LEGEND.map(([name, label]) => make('li', {}, make('i', { className: `key ${name}` }), label));
  return make('ul', { className: 'legend' }, ...entries);
}
