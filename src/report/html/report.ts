/** The HTML report: one self-contained page that opens from disk, at most 5 MB whatever the size of the run. */

import type { TimeSpan } from '../../core/merge/active-time.js';
import { type FailureGroup, FailureGroups } from '../../core/results/failure-groups.js';
import type { AnyResult } from '../../core/results/run-info.js';
import type { Collector } from '../../core/ports.js';
import { callingMs, InvalidRecords } from '../invalid-records.js';
import { RetryCounts } from './retry-counts.js';
import { settingsTable } from './settings-table.js';
import { SlowestCases } from './slowest-cases.js';
import { failureKinds, failureTable } from './failures.js';
import { invalidTable } from './invalid-table.js';
import { FailureRows } from './failure-rows.js';
import { tiles, verdictBar } from './head.js';
import { Latencies } from './latency-chart.js';
import type { Markup } from './markup.js';
import { htmlDocument, type PageScript, type Section, section } from './document.js';
import { Timeline } from './timeline.js';
import { timelineChart } from './timeline-chart.js';
import type { ReportView } from '../view.js';

const MAX_BYTES = 5_000_000;
// All other parts of the page are bounded too, and need far less than the difference.
const MAX_ROW_BYTES = 4_200_000;
const MAX_INVALID = 200;

/** Gathers the results in bounded memory and makes the page of them. The span is the time of their runs. */
export class HtmlReport implements Collector<ReportView> {
  readonly #groups = new FailureGroups();
  readonly #rows = new FailureRows(MAX_ROW_BYTES);
  readonly #invalid = new InvalidRecords(MAX_INVALID);
  readonly #timeline: Timeline;
  readonly #latencies = new Latencies();
  readonly #slowest = new SlowestCases();
  readonly #retries = new RetryCounts();

  readonly #script: PageScript;

  constructor({ startMs, endMs }: TimeSpan, script: PageScript) {
    this.#script = script;
    this.#timeline = new Timeline(startMs, endMs);
  }

  add(result: AnyResult): void {
    this.#timeline.add(result);
    this.#slowest.add(result);
    this.#retries.add(result);
    if (result.status === 'failed') this.#rows.add(result, this.#groups.add(result) ?? 0);
    if (result.status === 'invalid') this.#invalid.add(result);
    if (result.attempts === 0) return;
    if (result.status === 'enriched') this.#latencies.enriched.record(callingMs(result));
    if (result.status === 'failed') this.#latencies.failed.record(callingMs(result));
  }

  render(view: ReportView): string {
    const groups = this.#groups.groups();
    return htmlDocument({
      view,
      script: this.#script,
      top: [verdictBar(view), tiles(view)],
      sections: this.#sections(view, groups),
      failures: (maxBytes) => this.#rows.json(groups, maxBytes),
      maxBytes: MAX_BYTES,
    });
  }

  #sections(view: ReportView, groups: readonly FailureGroup[]): Section[] {
    const { summary, settings = [] } = view;
    const failed = groups.reduce((sum, group) => sum + group.count, 0);
    const all: readonly (readonly [boolean, string, string, () => Markup, number?])[] = [
      [failed > 0, 'kinds', 'Failures by kind', () => failureKinds(groups, view)],
      [failed > 0, 'failures', 'Failed cases', () => failureTable(this.#rows, failed), failed],
      [true, 'timeline', 'Timeline', () => timelineChart(this.#timeline, summary)],
      [true, 'latency', 'Latency', () => this.#latencies.chart(summary)],
      [true, 'slowest', 'Slowest cases', () => this.#slowest.section()],
      [true, 'retries', 'Retries', () => this.#retries.section(summary)],
      [this.#invalid.count > 0, 'invalid', 'Invalid input', () => invalidTable(this.#invalid), this.#invalid.count],
      [settings.length > 0, 'settings', 'Settings', () => settingsTable(settings)],
    ];
    return all
      .filter(([wanted]) => wanted)
      .map(([, id, title, content, amount]) => section(id, title, content(), amount));
  }
}
