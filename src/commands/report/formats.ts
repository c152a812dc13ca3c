/** The formats of `report`: each call returns the text to write next. */

import type { TimeSpan } from '../../core/merge/active-time.js';
import type { Collector, Renderer } from '../../core/ports.js';
import { closingLine, placeLine, ReportText } from '../../core/results/result-text.js';
import type { Host } from '../../host.js';
import { HtmlReport } from '../../report/html/report.js';
import { junitReport } from '../../report/junit.js';
import { MarkdownReport } from '../../report/markdown.js';
import { resultTable, ResultTableCollector } from '../../report/terminal/result-table.js';
import { createStyle } from '../../text/style.js';
import { renderSummary } from '../../report/terminal/summary.js';
import type { Resolved } from '../../config/resolved.js';
import type { SheetForm } from '../../text/csv.js';
import type { FileFormat } from '../../text/file-endings.js';
import { formByEnding, refuseMisleading, type Writable } from '../shared/output-form.js';
import type { SavedFormat } from './saved-format.js';
import type { FormatName } from '../shared/format-name.js';
import type { MergedReport } from './merging.js';
import { pageScript } from '../shared/page-script.js';
import { isColored, isOnTerminal, reportView, summaryView } from './views.js';

/** The formats that need nothing but the results as they come. */
export type PlainFormatName = Exclude<FormatName, SheetForm>;

/** Facts about the output that a format needs before the first result. */
export interface FormatPlace {
  readonly span: TimeSpan;
  /** True for a regular file: there NDJSON is a journal, with a closing line. */
  readonly isFile: boolean;
}

const WRITABLE: Writable<FileFormat> = {
  noun: 'a report',
  byEnding: ['json', 'ndjson', 'csv', 'tsv', 'html', 'junit', 'markdown'],
  formats: 'summary, json, ndjson, html, junit, markdown, table, csv, tsv or excel',
};

/**
 * The requested format; by default the summary on a terminal, else by the ending of the output, else JSON. Throws a
 * UsageError for an ending that tells none.
 */
export function formatOf(values: Resolved<'report'>['values'], host: Host): FormatName {
  const { format, output } = values;
  if (format !== 'auto') {
    refuseMisleading(output);
    return format;
  }
  if (isOnTerminal(values, host)) return 'summary';
  return output === undefined ? 'json' : formByEnding(output, WRITABLE);
}

export function formatNamed(
  name: PlainFormatName,
  place: FormatPlace,
  settings: Resolved<'report'>,
  host: Host,
): SavedFormat {
  switch (name) {
    case 'json':
      return jsonFormat();
    case 'ndjson':
      return ndjsonFormat(place.isFile);
    case 'html':
      return collected(new HtmlReport(place.span, pageScript('report')), (merged) =>
        reportView(merged, name, settings, host),
      );
    case 'markdown':
      return collected(new MarkdownReport(), (merged) => reportView(merged, name, settings, host));
    case 'junit':
      return junitFormat(settings, host);
    case 'table':
      return isOnTerminal(settings.values, host) ? terminalTable(settings, host) : streamed(resultTable());
    case 'summary':
      return atTheEnd((merged) => renderSummary(summaryView(merged, name, settings, host)));
  }
}

function jsonFormat(): SavedFormat {
  const text = new ReportText();
  return {
    begin: () => '',
    results: (records) => text.results(records.map((record) => record.text)),
    end: ({ run, summary }) => text.end(run, summary),
  };
}

function ndjsonFormat(isFile: boolean): SavedFormat {
  return {
    begin: () => '',
    results: (records) => records.map((record) => `${record.text}\n`).join(''),
    // The places stand behind all results: a journal that is made of journals can be resumed like them.
    end: ({ run, summary, places }) =>
      lines([...places.map(placeLine), ...(isFile ? [closingLine(run, summary)] : [])]),
  };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

function junitFormat(settings: Resolved<'report'>, host: Host): SavedFormat {
  let renderer: Renderer;
  return {
    look: () => {},
    begin(counted) {
      if (counted === undefined) throw new Error('JUnit begins with the counts');
      renderer = junitReport(reportView(counted, 'junit', settings, host));
      return renderer.begin();
    },
    results: (records) => records.map(({ result }) => renderer.result(result)).join(''),
    end: () => renderer.end(),
  };
}

/** On a terminal few rows, those of the failures first. */
function terminalTable({ values }: Resolved<'report'>, host: Host): SavedFormat {
  const table = new ResultTableCollector({ howToSeeAll: 'all of them with -o results.txt' });
  const style = createStyle(isColored(values, host));
  const width = host.stdout.columns ?? Number.POSITIVE_INFINITY;
  return collected({ add: (result) => table.add(result), render: () => table.render(width, style) }, () => undefined);
}

function streamed(renderer: Renderer): SavedFormat {
  return {
    begin: () => renderer.begin(),
    results: (records) => records.map(({ result }) => renderer.result(result)).join(''),
    end: () => renderer.end(),
  };
}

function collected<View>(collector: Collector<View>, viewOf: (merged: MergedReport) => View): SavedFormat {
  return {
    ...atTheEnd((merged) => collector.render(viewOf(merged))),
    results(records) {
      for (const { result } of records) collector.add(result);
      return '';
    },
  };
}

function atTheEnd(textOf: (merged: MergedReport) => string): SavedFormat {
  return { begin: () => '', results: () => '', end: textOf };
}
