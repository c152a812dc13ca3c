import { expect, test } from 'vitest';
import { parseStatuses } from '../../src/config/parse-statuses.js';
import { runMain } from '../helpers/run-main.js';

test.each([
  ['404', { from: 404, to: 404 }],
  ['200-299', { from: 200, to: 299 }],
  [' 202 ', { from: 202, to: 202 }],
  ['599', { from: 599, to: 599 }],
])('%j is a status or a range', (text, value) => expect(parseStatuses(text)).toEqual({ ok: true, value }));

test.each([
  ['99', /out of range/],
  ['600', /out of range/],
  ['200-600', /out of range/],
  ['0200-9999999999', /out of range/],
  ['200-100', /begins after its end/],
  ['2xx', /no status/],
  ['1xx', /no final answer/],
  ['100', /no final answer/],
  ['', /empty/],
  ['-', /no status/],
  ['200-', /no status/],
  ['200..299', /no status/],
  ['OK', /no status/],
])('%j is refused', (text, problem) => {
  const parsed = parseStatuses(text);
  expect(parsed.ok ? 'accepted' : parsed.problem).toMatch(problem);
});

test.each([
  ['2xx', '--accept-status 200-299'],
  ['299-200', '--accept-status 200-299'],
  ['', '--accept-status'],
  [',', '--accept-status'],
])('--accept-status %s ends with 2 and says what to write', async (list, hint) => {
  const args = ['enrich', 'cases.json', '--endpoint', 'http://127.0.0.1:9/{id}', '--accept-status', list];
  const { code, stderr } = await runMain(args, {});
  expect([code, stderr]).toEqual([2, expect.stringContaining(hint)]);
});
