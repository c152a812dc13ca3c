/** Jobs from the command line: the journal, kills and Ctrl-C, settings that contradict each other, reports of what is pending. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary, startBinary } from '../helpers/binary.js';
import { answer, type CountingServer, countingServer, idOf } from '../helpers/counting-server.js';
import { folderWith } from '../helpers/folder.js';
import { resultLinesOf, reportOf } from '../helpers/results.js';
import { type Outcome, runMain } from '../helpers/run-main.js';

interface JobServer extends CountingServer {
  /** Until then every poll is answered 202. */
  isDone: boolean;
  submits(): readonly string[];
  polls(): readonly string[];
}

/** Answers a POST with 202, and a GET of its Location as the rest of the test wishes. */
async function jobs(
  poll: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) =>
    answer(response, { risk: 1 }),
): Promise<JobServer> {
  const state = { isDone: true };
  const counting = await countingServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(202, { location: `/jobs/${idOf(request)}?sig=s3cret-of-a-job` }).end('{"state":"queued"}');
    } else if (state.isDone) poll(request, response);
    else answer(response, { state: 'running' }, 202);
  });
  const requests = (method: string) => () => counting.stats.requests.filter((request) => request.startsWith(method));
  return Object.assign(state, counting, { submits: requests('POST'), polls: requests('GET') });
}

const POLL = ['--method', 'POST', '--poll', '--poll-interval', '20ms'];
const journalOf = (cwd: string): string => readFileSync(join(cwd, 'run.ndjson'), 'utf8');
const placesIn = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .flatMap((line) => (line.includes('"status":"pending"') ? [JSON.parse(line) as Record<string, unknown>] : []));

function enrich(cwd: string, { url }: JobServer, ...args: string[]): Promise<Outcome> {
  return runMain(['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`, ...POLL, ...args], { cwd });
}

describe('--poll', () => {
  test('asks for the answer at its Location, by the real binary', async () => {
    const server = await jobs();
    const args = ['enrich', '-', '--endpoint', `${server.url}/{id}`, ...POLL];
    const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(3) });
    const { results, summary } = reportOf(stdout);
    expect([code, summary.enriched, summary.polls, summary.pending]).toEqual([0, 3, 3, undefined]);
    expect([server.submits().length, server.polls().length]).toEqual([3, 3]);
    expect(results[0]).toMatchObject({ attempts: 2, enrichedCase: { enrichment: { risk: 1 } } });
    expect(stderr).toContain('3 polls');
    expect(stdout + stderr).not.toContain('s3cret');
  });

  test('with --poll-until and --poll-failed judges the body', async () => {
    const server = await jobs((request, response) =>
      answer(response, { state: idOf(request).endsWith('2') ? 'failed' : 'done', out: { risk: 7 } }),
    );
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(2) });
    const until = ['--poll-until', '/state=done', '--poll-failed', '/state=failed,rejected', '--pick', '/out'];
    const { code, stdout, stderr } = await enrich(cwd, server, ...until);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the job has failed: /state is failed')]);
    expect(reportOf(stdout).results).toMatchObject([
      { status: 'enriched', enrichedCase: { enrichment: { risk: 7 } } },
      { status: 'failed', error: { kind: 'response', retryable: false } },
    ]);
  });

  test('for a value that never comes ends with what was seen, and with where to ask on', async () => {
    const server = await jobs((_request, response) => answer(response, { state: { name: 'done' } }));
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
    const args = ['--poll-until', '/state=done', '--poll-timeout', '100ms', '-o', 'run.ndjson'];
    const { code, stderr } = await enrich(cwd, server, ...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('last seen: an object at /state')]);
    expect(stderr).toContain('1 still pending');
    expect(stderr).not.toContain('s3cret');
    const { results } = resultLinesOf(journalOf(cwd));
    expect(results).toMatchObject([
      {
        status: 'failed',
        error: { kind: 'timeout', phase: 'poll' },
        poll: `${server.url}/jobs/C-1?sig=s3cret-of-a-job`,
      },
    ]);
    const again = await enrich(cwd, server, '--resume', '-o', 'run.ndjson');
    expect([again.code, server.submits().length]).toEqual([0, 1]);
    expect(again.stderr).toContain('1 of these already submitted');
  });
});

describe('the journal', () => {
  test('has where to ask before the first poll, and a run that was killed goes on there', async () => {
    const server = await jobs();
    server.isDone = false;
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(40) });
    const args = ['enrich', 'cases.ndjson', '--endpoint', `${server.url}/{id}`, ...POLL, '-o', 'run.ndjson'];
    const running = startBinary(args, { cwd });
    await server.server.seen(60);
    running.child.kill('SIGKILL');
    await running.ended;
    const places = placesIn(journalOf(cwd));
    const asked = new Set(server.polls().map((request) => idOf({ url: request.split(' ')[1] } as IncomingMessage)));
    expect(places.length).toBeGreaterThan(0);
    expect([...asked].filter((id) => !places.some(({ caseId }) => caseId === id))).toEqual([]);
    expect(Object.keys(places[0] ?? {})).toEqual(['caseId', 'status', 'index', 'at', 'key', 'poll']);
    const submitted = server.submits().length;

    const shown = await runMain(['report', 'run.ndjson', '--format', 'summary'], { cwd });
    expect(shown.stderr).toContain(`${places.length} cases submitted and still pending: `);
    expect(shown.stdout + shown.stderr).not.toContain('s3cret');
    const html = await runMain(['report', 'run.ndjson', '--format', 'html'], { cwd });
    expect(html.stdout).toContain('<dt>Pending</dt>');
    expect(html.stdout).toMatch(/Still pending[^]*\bC-1\b/);
    const compact = await runMain(['report', 'run.ndjson', '-o', 'compact.ndjson'], { cwd });
    expect(compact.code).toBe(0);
    const kept = placesIn(readFileSync(join(cwd, 'compact.ndjson'), 'utf8'));
    expect(kept).toEqual(places);

    const refused = await runMain(
      [
        'enrich',
        'cases.ndjson',
        '--endpoint',
        `${server.url}/{id}`,
        '--method',
        'POST',
        '-o',
        'run.ndjson',
        '--resume',
      ],
      { cwd },
    );
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--poll goes on asking')]);
    const fresh = await enrich(cwd, server, '-o', 'run.ndjson');
    expect([fresh.code, fresh.stderr]).toEqual([2, expect.stringContaining('pending cases of an earlier run')]);

    server.isDone = true;
    writeFileSync(join(cwd, 'run.ndjson'), readFileSync(join(cwd, 'compact.ndjson')));
    const ended = await enrich(cwd, server, '--resume', '-o', 'run.ndjson');
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('40 cases enriched')]);
    const submits = server.submits();
    const twice = submits.filter((request, at) => submits.indexOf(request) !== at);
    expect(twice.filter((request) => places.some(({ caseId }) => request.endsWith(`/${String(caseId)}`)))).toEqual([]);
    expect(submitted - places.length).toBeLessThanOrEqual(10);
  });

  test('asks about a case again only if the same would be asked: a changed one is submitted', async () => {
    const server = await jobs();
    server.isDone = false;
    const cwd = folderWith({ 'cases.ndjson': '{"id":"a"}\n{"id":"b"}\n' });
    const timeout = ['--poll-timeout', '50ms', '-o', 'run.ndjson'];
    await enrich(cwd, server, ...timeout);
    server.isDone = true;
    writeFileSync(join(cwd, 'cases.ndjson'), '{"id":"a"}\n{"id":"b","changed":true}\n');
    const { code } = await enrich(cwd, server, '--resume', '-o', 'run.ndjson');
    const submits = server.submits().toSorted();
    expect([code, submits]).toEqual([0, ['POST /a', 'POST /b', 'POST /b']]);
  });

  test('with a place that is none names the line', async () => {
    const cwd = folderWith({
      'cases.ndjson': '{"id":"a"}\n',
      'run.ndjson': '{"caseId":"a","status":"pending","index":0,"at":"2026-01-01T00:00:00Z"}\n{"run":{}}\n',
    });
    const { code, stderr } = await runMain(['report', 'run.ndjson'], { cwd });
    expect([code, stderr]).toEqual([3, expect.stringMatching(/line 1 .* the place of a pending case: no poll/)]);
  });
});

test('a dry run tells which cases are only asked about', async () => {
  const server = await jobs();
  server.isDone = false;
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(2) });
  await enrich(cwd, server, '-o', 'run.ndjson', '--poll-timeout', '30ms');
  writeFileSync(join(cwd, 'cases.ndjson'), ndjsonCases(3));
  const { stdout, stderr } = await enrich(cwd, server, '-o', 'run.ndjson', '--resume', '--dry-run');
  expect(stdout.match(/^(GET|POST) .*/gm)).toEqual([
    'GET (where the journal says: already submitted)',
    'GET (where the journal says: already submitted)',
    expect.stringMatching(/^POST http/),
  ]);
  expect(stderr).toMatch(/\n3 cases would be called, 2 of these already submitted; nothing was sent\n$/);
  expect(stdout + stderr).not.toContain('s3cret');
});

test('--on-failure skip does not leave a job that has failed pending for ever', async () => {
  const server = await jobs((_request, response) => answer(response, { state: 'failed' }));
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(2) });
  const args = ['-o', 'run.ndjson', '--resume', '--on-failure', 'skip', '--poll-failed', '/state=failed'];
  const first = await enrich(cwd, server, ...args);
  expect([first.code, server.submits().length, server.polls().length]).toEqual([1, 2, 2]);
  const report = await runMain(['report', 'run.ndjson', '--format', 'json'], { cwd });
  expect(reportOf(report.stdout).summary).toMatchObject({ total: 2, failed: 2 });
  expect(reportOf(report.stdout).summary.pending).toBeUndefined();
  // The second run submits them anew; a failure without a place is left out as ever.
  server.isDone = false;
  await enrich(cwd, server, ...args, '--poll-timeout', '30ms');
  expect(server.submits().length).toBe(4);
  server.isDone = true;
  await enrich(cwd, server, ...args);
  expect([server.submits().length, resultLinesOf(journalOf(cwd)).results.length]).toEqual([4, 4]);
});

test('Ctrl-C with hundreds pending ends at once and keeps the place of each', async () => {
  const server = await jobs();
  server.isDone = false;
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(300) });
  const args = ['enrich', 'cases.ndjson', '--endpoint', `${server.url}/{id}`, ...POLL, '--poll-interval', '1h'];
  const running = startBinary([...args, '--poll-timeout', '2h', '-o', 'run.ndjson'], { cwd });
  await server.server.seen(300);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining('300 still pending')]);
  server.isDone = true;
  const again = await enrich(cwd, server, '--resume', '-o', 'run.ndjson');
  expect([again.code, server.submits().length, server.polls().length]).toEqual([0, 300, 300]);
});

test.each([
  [['--poll', '--batch', '5', '--method', 'POST'], /--batch sends many/],
  [['--poll', '--share-requests'], /--share-requests/],
  [['--poll', '--accept-status', '200-299,202'], /takes it as the answer/],
  [['--poll-until', '/state=done'], /--poll-until needs --poll/],
  [['--poll-interval', '1s'], /--poll-interval needs --poll/],
  [['--poll', '--poll-until', 'state=done'], /--poll-until \/state=done/],
  [['--poll', '--poll-until', '/state'], /=VALUE/],
  [['--poll', '--poll-failed', '/state=a,,b'], /empty value/],
  [['--poll', '--poll-interval', '5'], /needs a unit/],
  [['--poll', '--poll-limit', '0'], /out of range/],
  [['--poll', '--poll-url', 'https://elsewhere.example/{id}'], /--poll-url is at https:\/\/elsewhere.example/],
])('%j ends with 2', async (args, message) => {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
  const argv = ['enrich', 'cases.ndjson', '--endpoint', 'http://127.0.0.1:9/x', ...args];
  const { code, stderr } = await runMain(argv, { cwd });
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test('the range 200-299 does not name 202: it goes with --poll', async () => {
  const server = await jobs();
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
  expect((await enrich(cwd, server, '--accept-status', '200-299,404')).code).toBe(0);
});

test('demo:flaky has a case that is answered later', async () => {
  const cwd = folderWith({ 'cases.json': '[{"id":"CASE-009"}]' });
  const args = ['enrich', 'cases.json', '--endpoint', 'demo:flaky'];
  const plain = await runMain(args, { cwd });
  expect([plain.code, plain.stderr]).toEqual([1, expect.stringContaining('--poll asks again')]);
  const polled = await runMain([...args, '--poll', '--poll-interval', '10ms'], { cwd });
  expect([polled.code, reportOf(polled.stdout).results[0]?.attempts]).toEqual([0, 3]);
});
