import type { Failure } from '../../src/core/case.js';
import type { SavedResult } from '../../src/core/results/run-info.js';
import type { Collector, Renderer } from '../../src/core/ports.js';
import { pageScript } from '../../src/commands/shared/page-script.js';
import { HtmlReport } from '../../src/report/html/report.js';
import type { ReportView } from '../../src/report/view.js';
import { START } from './clock.js';
import * as samples from './samples.js';
import { runInfo, saved, summary } from './samples.js';

/** Ids and texts that break out of HTML, XML, Markdown or a terminal when they are not escaped. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror="alert(1)">',
  '</script><script>alert(2)</script>',
  '<!--<script>',
  ']]></failure><failure>',
  '"><svg onload=alert(3)>',
  "' autofocus onfocus=alert(4) '",
  '\u0000\u0001\u001b[31m\u007f\u0085\ufffe\uffff',
  '\ud800 lone \udfff surrogates',
  'line\nbreak\r\n\u2028\u2029',
  '\u202egnp.exe\u2066',
  '| a | b |\n|---|---|',
  '`code` **bold** [link](https://evil.example) @octocat #1 www.evil.example',
  '${process.exit(1)} {{constructor}}',
  '&lt;b&gt; &amp;',
];

/** A failed and an invalid result for each text, which stands wherever a text from outside can stand. */
export function hostileResults(texts: readonly string[]): SavedResult[] {
  return texts.flatMap((text, index) => [
    failed(
      index,
      { message: text, body: text, code: text, requestId: text, kind: 'network' },
      { caseId: text, source: { file: text } },
    ),
    invalid(index, text, { caseId: text, source: { file: text, line: 1 } }),
  ]);
}

/** The HTML page of a run and its results. */
export function htmlPage(view: ReportView, results: Iterable<SavedResult>): string {
  const { startedAt, finishedAt } = view.run;
  const span = { startMs: Date.parse(startedAt), endMs: Date.parse(finishedAt) };
  return collect(new HtmlReport(span, pageScript('report')), view, results);
}

/** A view whose counts are those of the results. */
export function viewOf(results: readonly SavedResult[], more: Partial<ReportView> = {}): ReportView {
  const of = (status: string): number => results.filter((result) => result.status === status).length;
  const counts = { enriched: of('enriched'), failed: of('failed'), invalid: of('invalid'), cancelled: of('cancelled') };
  const attempts = results.reduce((sum, result) => sum + result.attempts, 0);
  const clean = counts.enriched === results.length;
  return {
    run: runInfo(),
    summary: summary({ total: results.length, attempts, ...counts }),
    exitCode: clean ? 0 : 1,
    ...more,
  };
}

export function enriched(index: number, more: Partial<SavedResult> = {}): SavedResult {
  const id = `CASE-${index}`;
  const at = new Date(START + 100 * (index + 1)).toISOString();
  const result = saved(samples.enriched(id, { index, durationMs: 80, at }));
  return { ...result, enrichedCase: { id, enrichment: {} }, ...more };
}

export function failed(index: number, error: Partial<Failure> = {}, more: Partial<SavedResult> = {}): SavedResult {
  const failure: Failure = {
    kind: 'http',
    message: '503 Service Unavailable after 3 attempts',
    ...(error.kind === undefined ? { httpStatus: 503 } : {}),
    retryable: true,
    ...error,
  };
  return enriched(index, { status: 'failed', enrichedCase: null, error: failure, attempts: 3, ...more });
}

export function invalid(index: number, message: string, more: Partial<SavedResult> = {}): SavedResult {
  return enriched(index, {
    caseId: null,
    status: 'invalid',
    enrichedCase: null,
    error: { kind: 'case', message, retryable: false },
    attempts: 0,
    durationMs: 0,
    source: { file: 'cases.ndjson', line: index + 1 },
    ...more,
  });
}

export function cancelled(index: number): SavedResult {
  const error: Failure = { kind: 'cancelled', message: 'the run ended first', retryable: true };
  return enriched(index, { status: 'cancelled', enrichedCase: null, error, attempts: 0, durationMs: 0 });
}

/** What a collector makes of all results. */
export function collect<View>(collector: Collector<View>, view: View, results: Iterable<SavedResult>): string {
  for (const result of results) collector.add(result);
  return collector.render(view);
}

export function render(renderer: Renderer, results: Iterable<SavedResult>): string {
  let text = renderer.begin();
  for (const result of results) text += renderer.result(result);
  return text + renderer.end();
}
