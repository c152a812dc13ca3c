import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitReport } from '../../src/report/junit.js';
import { cancelled, enriched, failed, HOSTILE, invalid, render, viewOf } from '../helpers/saved.js';

const xmllint = spawnSync('xmllint', ['--version']).error === undefined;

function report(results: Parameters<typeof viewOf>[0]): string {
  return render(junitReport(viewOf(results)), results);
}

describe('JUnit', () => {
  test('has a test case for every case, with its outcome', () => {
    const results = [
      enriched(0),
      failed(1, { requestId: 'r-1', body: '{"error":"overloaded"}' }, { source: { file: 'cases.ndjson', line: 2 } }),
      invalid(2, 'no id'),
      cancelled(3),
    ];
    expect(report(results)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="case-tracker" tests="4" failures="1" errors="1" skipped="1" time="20.000" timestamp="2026-11-22T09:30:00">
      <testsuite name="case-tracker" tests="4" failures="1" errors="1" skipped="1" time="20.000" timestamp="2026-11-22T09:30:00">
      <testcase name="CASE-0" classname="GET https://api.example.com/cases/{id}" time="0.080"/>
      <testcase name="CASE-1" classname="GET https://api.example.com/cases/{id}" time="0.080" file="cases.ndjson" line="2"><failure type="http 503" message="503 Service Unavailable after 3 attempts">503 Service Unavailable after 3 attempts
      attempts: 3
      request id: r-1
      source: cases.ndjson:2
      answer: {&quot;error&quot;:&quot;overloaded&quot;}</failure></testcase>
      <testcase name="cases.ndjson:3" classname="GET https://api.example.com/cases/{id}" time="0.000" file="cases.ndjson" line="3"><error type="case" message="no id">no id
      source: cases.ndjson:3</error></testcase>
      <testcase name="CASE-3" classname="GET https://api.example.com/cases/{id}" time="0.000"><skipped message="the run ended first"/></testcase>
      </testsuite>
      </testsuites>
      "
    `);
  });

  test('writes each result as it comes', () => {
    const renderer = junitReport(viewOf([enriched(0)]));
    expect(renderer.begin()).toContain('<testsuite ');
    expect(renderer.result(enriched(0))).toContain('name="CASE-0"');
    expect(renderer.end()).toBe('</testsuite>\n</testsuites>\n');
  });

  test.skipIf(!xmllint)('is well-formed XML with hostile data', () => {
    const random = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { seed: 1, numRuns: 300 });
    const texts = [...HOSTILE, ...random, 'x'.repeat(1_000_000)];
    const results = texts.flatMap((text, index) => [
      failed(index, { message: text, body: text, code: text }, { caseId: text, source: { file: text, line: 1 } }),
      invalid(index, text, { source: { file: text, index } }),
    ]);
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '-'], { input: report(results) });
    expect([stderr.toString(), status]).toEqual(['', 0]);
  });
});

test('an answer of megabytes is cut', () => {
  const huge = 'x'.repeat(1_000_000);
  const results = [failed(0, { body: huge, requestId: huge }, { source: { file: huge, line: 1 } })];
  expect(report(results).length).toBeLessThan(20_000);
});
