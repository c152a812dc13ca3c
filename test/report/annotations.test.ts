import { describe, expect, test } from 'vitest';
import { GithubAnnotations } from '../../src/report/annotations.js';
import { collect, enriched, failed, HOSTILE, invalid, viewOf } from '../helpers/saved.js';

function lines(results: Parameters<typeof viewOf>[0], more: Parameters<typeof viewOf>[1] = {}): string[] {
  const text = collect(new GithubAnnotations(), viewOf(results, more), results);
  return text.split('\n').slice(0, -1);
}

describe('GitHub annotations', () => {
  test('groups come first, then invalid records, then the total', () => {
    const source = { file: 'data/a,b.ndjson', line: 7 };
    const results = [failed(0, {}, { source }), failed(1), failed(2), failed(3), invalid(4, 'no id: 100%')];
    expect(lines(results, { hint: () => 'run again later' })).toMatchInlineSnapshot(`
      [
        "::error file=data/a%2Cb.ndjson,line=7,title=4 cases%3A http 503::503 Service Unavailable after 3 attempts%0ACASE-0, CASE-1, CASE-2 and 1 more%0Arun again later",
        "::error file=cases.ndjson,line=5,title=invalid case%3A cases.ndjson%3A5::no id: 100%25",
        "::error title=case-tracker::✗ 5 of 5 cases were not enriched (exit 1)",
      ]
    `);
  });

  test('never more than nine', () => {
    const results = Array.from({ length: 40 }, (_, index) => failed(index, { httpStatus: 400 + index }));
    const all = lines([...results, ...Array.from({ length: 20 }, (_, index) => invalid(index, 'no id'))]);
    expect(all).toHaveLength(9);
    expect(all.at(-1)).toContain('60 of 60 cases were not enriched');
  });

  test('nothing to say about a run without failures', () => {
    expect(lines([enriched(0)])).toEqual([]);
  });

  test('failures that are allowed are warnings', () => {
    expect(lines([enriched(0), failed(1)], { exitCode: 0 })[0]).toMatch(/^::warning /);
  });

  test('hostile text begins no command of its own', () => {
    for (const text of [...HOSTILE, '\n::set-output name=x::y', '::stop-commands::z', ',line=1::']) {
      const source = { file: text, line: 1 };
      const all = lines([
        failed(0, { message: text, code: text }, { caseId: text, source }),
        invalid(1, text, { source }),
      ]);
      expect(all).toHaveLength(3);
      for (const line of all) expect(line).toMatch(/^::error (file=[^,:]*,line=1,)?title=[^,:]*::/);
    }
  });
});
