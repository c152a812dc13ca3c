import { describe, expect, test } from 'vitest';
import { MarkdownReport } from '../../src/report/markdown.js';
import { collect, enriched, failed, HOSTILE, invalid, viewOf } from '../helpers/saved.js';
import { runInfo, summary } from '../helpers/samples.js';

describe('Markdown', () => {
  test('tells what failed first, then totals, cases and how to go on', () => {
    const results = [
      enriched(0),
      failed(1, {}, { source: { file: 'cases.ndjson', line: 2 } }),
      failed(2, { kind: 'timeout', phase: 'body', message: 'no answer within 5s' }),
      failed(3, { body: 'overloaded | try later' }),
      invalid(4, 'no id'),
    ];
    const view = viewOf(results, {
      hint: (group) => (group.httpStatus === 503 ? 'run again later with --resume' : undefined),
      next: [{ command: 'case-tracker enrich cases.ndjson -o run.ndjson --resume', what: 'try the 3 again' }],
    });
    expect(collect(new MarkdownReport(), view, results)).toMatchInlineSnapshot(`
      "## ✗ 4 of 5 cases were not enriched

      exit 1 · complete · 2026-11-22 09:30:00 UTC, 20s · <code>GET https&#58;//api.example.com/cases/&#123;id&#125;</code>

      ### Failures

      | Cases | Cause | What happened | For example |
      | --: | --- | --- | --- |
      | 2 | <code>http 503</code> | <code>503 Service Unavailable after 3 attempts</code><br><code>overloaded &#124; try later</code><br>→ run again later with --resume | <code>CASE-1</code>, <code>CASE-3</code> |
      | 1 | <code>timeout body</code> | <code>no answer within 5s</code> | <code>CASE-2</code> |

      ### Totals

      | Enriched | Failed | Invalid | Cancelled | Calls | Cases/s | p50 | p90 | p99 | Max |
      | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
      | 1 | 3 | 1 | 0 | 10 (2.5×) | 0 | – | – | – | – |

      ### Failed cases

      | Case | Cause | Attempts | Time | Message | Source |
      | --- | --- | --: | --: | --- | --- |
      | <code>CASE-1</code> | <code>http 503</code> | 3 | 80ms | <code>503 Service Unavailable after 3 attempts</code> | <code>cases.ndjson&#58;2</code> |
      | <code>CASE-2</code> | <code>timeout body</code> | 3 | 80ms | <code>no answer within 5s</code> |  |
      | <code>CASE-3</code> | <code>http 503</code> | 3 | 80ms | <code>503 Service Unavailable after 3 attempts</code> |  |

      ### Invalid input

      | Place | Record | Why |
      | --- | --- | --- |
      | <code>cases.ndjson&#58;5</code> | <code>cases.ndjson&#58;5</code> | <code>no id</code> |

      ### How to go on

          case-tracker enrich cases.ndjson -o run.ndjson --resume   # try the 3 again
      "
    `);
  });

  test('is short when everything is enriched', () => {
    const latencyMs = { p50: 84, p90: 210, p99: 610, max: 4600 };
    const view = viewOf([enriched(0)], {
      summary: summary({ total: 1, enriched: 1, resumed: 1, attempts: 0, latencyMs, casesPerSecond: 12.34 }),
    });
    expect(collect(new MarkdownReport(), view, [enriched(0)])).toMatchInlineSnapshot(`
      "## ✓ 1 case enriched

      exit 0 · complete · 2026-11-22 09:30:00 UTC, 20s · <code>GET https&#58;//api.example.com/cases/&#123;id&#125;</code>

      ### Totals

      | Enriched | Failed | Invalid | Cancelled | Calls | Cases/s | p50 | p90 | p99 | Max |
      | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
      | 1 (1 resumed) | 0 | 0 | 0 | 0 | 12.3 | 84ms | 210ms | 610ms | 4.6s |
      "
    `);
  });

  test('hostile text stays inside its table cell', () => {
    const results = HOSTILE.map((text, index) =>
      failed(index, { message: text, body: text, code: text }, { caseId: text, source: { file: text, line: 1 } }),
    );
    const text = collect(new MarkdownReport(), viewOf(results, { hint: (group) => group.message }), results);
    for (const line of text.split('\n').filter((line) => line.startsWith('|'))) {
      expect([4, 6, 10]).toContain(line.split('|').length - 2);
      expect(line.replace(/<\/?code>|<br>/g, '')).not.toMatch(/[<>@`[\]*]/);
    }
  });

  test('stays under 900 KiB whatever the data', () => {
    const text = '\u202e'.repeat(100_000);
    const results = Array.from({ length: 3000 }, (_, index) =>
      index % 2 === 0
        ? failed(
            index,
            { message: text, body: text, httpStatus: 400 + index },
            { caseId: text, source: { file: text } },
          )
        : invalid(index, text, { source: { file: text, line: index } }),
    );
    const view = viewOf(results, {
      run: runInfo({ endpoint: text }),
      hint: () => text,
      next: Array.from({ length: 50 }, () => ({ command: text, what: text })),
      missingShards: Array.from({ length: 500 }, () => text),
    });
    const bytes = Buffer.byteLength(collect(new MarkdownReport(), view, results));
    expect(bytes).toBeGreaterThan(500_000);
    expect(bytes).toBeLessThan(900 * 1024);
  });

  test('says how many rows are left out', () => {
    const results = Array.from({ length: 1200 }, (_, index) => failed(index));
    const text = collect(new MarkdownReport(), viewOf(results), results);
    expect(text).toContain('Failed cases (the first 1,000)');
    expect(text).toContain('… and 200 more');
  });
});
