import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { type Outcome, runMain } from '../helpers/run-main.js';
import { answer, answerAfter, countingServer, idOf, type Respond } from '../helpers/counting-server.js';
import { FakeClock, START } from '../helpers/clock.js';
import { bodyOf } from '../helpers/fault-server.js';
import { reportOf, resultLinesOf, shortly, statuses } from '../helpers/results.js';

/** The first call for each id gets this, the later ones are answered. */
function firstFails(fail: (response: ServerResponse) => unknown): Respond {
  const seen = new Set<string>();
  return (request, response) => {
    if (seen.has(idOf(request))) return answer(response);
    seen.add(idOf(request));
    return fail(response);
  };
}

const failing: Respond = (_, response) => answer(response, { error: 'down for maintenance' }, 503);
const oddFail: Respond = (request, response) => answer(response, {}, Number(idOf(request).slice(2)) % 2 ? 404 : 200);

async function enrich(count: number, url: string, ...args: string[]): Promise<Outcome & { cwd: string }> {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(count) });
  return { ...(await runMain(['enrich', 'cases.ndjson', '--endpoint', url, ...args], { cwd })), cwd };
}

/** The same by a fake clock that passes meanwhile; no call times out, however long it takes by that clock. */
function enrichBy(clock: FakeClock, stepMs: number, cases: string, url: string, ...args: string[]): Promise<Outcome> {
  const argv = ['enrich', '-', '--endpoint', url, '--timeout', '500h', '--deadline', '500h', ...args];
  return clock.passDuring(runMain(argv, { stdin: cases, clock }), stepMs);
}

describe('a dead endpoint', () => {
  test('stops the run after 50 cases, says what it says and what to do, and exits with 4', async () => {
    const { url, stats } = await countingServer(failing);
    const args = ['enrich', '-', '--endpoint', url, '--backoff', '1ms'];
    const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(10_000) });
    const { run, summary } = reportOf(stdout);
    expect([code, run.stoppedBy, run.complete, summary.enriched]).toEqual([4, 'all-failing', false, 0]);
    expect(summary.failed).toBeGreaterThanOrEqual(50);
    expect(summary.failed).toBeLessThanOrEqual(60);
    expect(stats.requests.length).toBeLessThanOrEqual(85);
    expect(stderr).toMatch(/^error: .* answers 503 Service Unavailable/m);
    expect(stderr).toContain('--max-failures none goes on regardless');
    expect(stderr).toContain('"down for maintenance"');
  });

  test('sees at most 1.21 calls a case when the run goes on regardless', async () => {
    const { url, stats } = await countingServer(failing);
    const args = ['enrich', '-', '--endpoint', url, '--backoff', '1ms', '--max-failures', 'none', '--limit', '50'];
    const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(2_000) });
    const { summary, results } = reportOf(stdout);
    expect([code, summary.failed, summary.attempts]).toEqual([1, 2_000, stats.requests.length]);
    expect(stats.requests.length / 2_000).toBeLessThanOrEqual(1.21);
    expect(summary.retriesDenied).toBeGreaterThan(1_000);
    expect(results.at(-1)?.error).toMatchObject({ kind: 'http', httpStatus: 503, notRetried: 'budget' });
    expect(stderr).toContain('refused by the retry budget');
  });

  test.each([401, 403, 407])('is one that answers %i ten times', async (status) => {
    const { url, stats } = await countingServer((_, response) => answer(response, {}, status));
    const { code, stdout } = await enrich(100, url, '--limit', '1');
    expect([code, reportOf(stdout).run.stoppedBy, stats.requests.length]).toEqual([4, 'all-failing', 10]);
  });
});

test('fail-fast cancels what is in flight, however long that would take, and shows the cause first', async () => {
  const held: ServerResponse[] = [];
  const { url, stats } = await countingServer((_, response) => {
    if (held.push(response) === 100) answer(held[41] ?? response, { why: 'no such customer' }, 404);
  });
  const args = ['enrich', '-', '--endpoint', url, '--limit', '100', '--timeout', '1h', '--deadline', '2h'];
  const run = runBinary([...args, '--on-failure', 'fail-fast', '--format', 'ndjson'], { stdin: ndjsonCases(500) });
  const { code, stdout, stderr } = await run;
  const { results } = resultLinesOf(stdout);
  expect([code, stats.requests.length, statuses(results)]).toEqual([4, 100, { failed: 1, cancelled: 99 }]);
  expect(results[0]).toMatchObject({ caseId: 'C-42', status: 'failed', error: { httpStatus: 404 } });
  expect(results.slice(1).every(({ error }) => error?.kind === 'cancelled' && error.retryable)).toBe(true);
  expect(stderr).toMatch(/^stopped: a case failed \(--on-failure fail-fast\)/m);
  expect(stderr).toContain('C-42');
});

describe('early stops', () => {
  test('--max-failures N', async () => {
    const { url } = await countingServer(oddFail);
    const { code, stdout, stderr } = await enrich(100, url, '--max-failures', '5', '--limit', '1');
    const { run, summary } = reportOf(stdout);
    expect([code, run.stoppedBy, summary.failed, summary.enriched]).toEqual([4, 'max-failures', 5, 4]);
    expect(stderr).toContain('stopped: 5 cases failed (--max-failures 5)');
  });

  test('--max-failures N% counts from the 20th finished case on', async () => {
    const { url } = await countingServer(oddFail);
    const { code, stdout } = await enrich(100, url, '--max-failures', '10%', '--limit', '1');
    const { run, summary } = reportOf(stdout);
    expect([code, run.stoppedBy, summary.failed, summary.enriched]).toEqual([4, 'max-failures', 10, 10]);
  });

  test('--max-time cancels what is in flight', async () => {
    const clock = new FakeClock();
    const { url, server } = await countingServer(() => {});
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(20) });
    const flags = ['--max-time', '200ms', '--timeout', '1h', '--deadline', '1h'];
    const run = runMain(['enrich', 'cases.ndjson', '--endpoint', url, ...flags], { cwd, clock });
    await server.seen(10);
    clock.advance(200);
    const { code, stdout, stderr } = await run;
    const { run: ended, results } = reportOf(stdout);
    expect([code, ended.stoppedBy, statuses(results)]).toEqual([4, 'max-time', { cancelled: 10 }]);
    expect(stderr).toContain('--max-time 200ms');
  });

  test('--strict stops at the first invalid record, and calls in flight end', async () => {
    const clock = new FakeClock();
    const { url } = await countingServer(answerAfter(20, clock));
    const text = `${ndjsonCases(3)}oops\n${'{"id":"later"}\n'}`;
    const { code, stdout, stderr } = await enrichBy(clock, 1, text, url, '--strict');
    const { run, results } = reportOf(stdout);
    expect([code, run.stoppedBy]).toEqual([4, 'strict']);
    expect(shortly(results)).toEqual(['C-1 enriched', 'C-2 enriched', 'C-3 enriched', 'null invalid case']);
    expect(stderr).toMatch(/^stopped: an invalid record \(--strict\): -:4: not JSON/m);
  });

  test('a Retry-After beyond --max-retry-after stops the run and says when to come back', async () => {
    const { url, stats } = await countingServer((_, response) =>
      response.writeHead(429, { 'retry-after': '120' }).end('slow down'),
    );
    const args = ['enrich', '-', '--endpoint', url, '--limit', '2', '--max-retry-after', '100s'];
    const options = { stdin: ndjsonCases(300), clock: new FakeClock() };
    const { code, stdout, stderr } = await runMain(args, options);
    const { run, summary, results } = reportOf(stdout);
    expect([code, run.stoppedBy, stats.requests.length]).toEqual([4, 'rate-limited', results.length]);
    expect(Date.parse(summary.retryAt ?? '')).toBe(START + 120_000);
    expect(results[0]).toMatchObject({ status: 'failed', error: { kind: 'http', httpStatus: 429, retryable: true } });
    expect(results.every(({ status, attempts }) => status === (attempts > 0 ? 'failed' : 'cancelled'))).toBe(true);
    expect(stderr).toContain(`asks to come back at ${summary.retryAt}`);
  });
});

test('Retry-After in every form: never an early call, never a hang', async () => {
  // By the endpoint's clock.
  const now = new Date(START).toUTCString();
  const past = new Date(START - 60_000).toUTCString();
  const pastRfc850 = 'Sunday, 06-Nov-94 08:49:37 GMT';
  const futureAsctime = 'Sun Nov  6 08:49:37 2101';
  const rows: [header: string | string[], waitsMs: number | 'stop'][] = [
    ['0', 0],
    ['1', 1_000],
    [past, 0],
    ['-5', 500],
    ['1.5', 1_500],
    ['', 500],
    ['junk', 500],
    [['1', '2'], 2_000],
    [pastRfc850, 0],
    [futureAsctime, 'stop'],
    ['99999999999', 'stop'],
    ['9'.repeat(40), 'stop'],
    ['86400', 'stop'],
    ['2147484', 'stop'],
    ['9999999999', 'stop'],
  ];
  const runs = rows.map(async ([header, waits]) => {
    const { url, stats } = await countingServer(
      firstFails((response) => response.setHeader('retry-after', header).writeHead(429, { date: now }).end()),
    );
    const flags = ['--method', 'POST', '--retries', '0'];
    const { code, stdout } = await enrichBy(new FakeClock(), 50, ndjsonCases(1), url, ...flags);
    const { run, results, summary } = reportOf(stdout);
    if (waits === 'stop') {
      return expect([header, code, run.stoppedBy, stats.requests.length]).toEqual([header, 4, 'rate-limited', 1]);
    }
    expect([header, code, results[0]?.attempts, summary.retries]).toEqual([header, 0, 2, 0]);
    const waitFor = waits === 500 ? 'pause' : 'retry-after';
    const waited = results[0]?.tries?.[1];
    expect([header, waited?.waitFor]).toEqual([header, waitFor]);
    return expect(waited?.waitMs).toBeGreaterThanOrEqual(waits);
  });
  await Promise.all(runs);
});

test('a date in Retry-After is measured by the endpoint’s own clock', async () => {
  // The server's clock is a year behind.
  const theirNow = START - 365 * 86_400_000;
  const date = (ms: number): string => new Date(ms).toUTCString();
  const { url, stats } = await countingServer(
    firstFails((response) =>
      response.writeHead(429, { date: date(theirNow), 'retry-after': date(theirNow + 1_000) }).end(),
    ),
  );
  const { code, stdout } = await enrichBy(new FakeClock(), 50, ndjsonCases(1), url);
  expect([code, stats.requests.length]).toEqual([0, 2]);
  const waited = reportOf(stdout).results[0]?.tries?.[1];
  expect(waited?.waitFor).toBe('retry-after');
  expect(waited?.waitMs).toBeGreaterThanOrEqual(1_000);
});

describe('failures that are put up with', () => {
  test.each([
    ['50%', 0],
    ['49%', 1],
    ['10', 0],
    ['9', 1],
  ])('--allow-failures %s with 10 of 20 failed exits with %i', async (allowed, exitCode) => {
    const { url } = await countingServer(oddFail);
    const { code, stdout, stderr } = await enrich(20, url, '--allow-failures', allowed);
    expect([code, reportOf(stdout).summary.failed]).toEqual([exitCode, 10]);
    expect(stderr).toContain(`--allow-failures ${allowed}: 10 of 20 (50%)`);
  });

  test('--on-failure skip leaves failed cases out of the output, counts them and logs them', async () => {
    const { url } = await countingServer(oddFail);
    const { code, stdout, stderr } = await enrich(6, url, '--on-failure', 'skip');
    const { results, summary } = reportOf(stdout);
    expect([code, shortly(results)]).toEqual([1, ['C-2 enriched', 'C-4 enriched', 'C-6 enriched']]);
    expect([summary.total, summary.failed]).toEqual([6, 3]);
    expect(stderr.match(/failed and left out/g)?.length).toBe(3);
  });

  test('--dead-letter has the failed cases as they were read, and is the next run’s input', async () => {
    const { url } = await countingServer(firstFails((response) => answer(response, {}, 404)));
    const text = '{"id":12345678901234567890,"n":1.0,"a":1,"a":2}';
    const cwd = folderWith({ 'cases.json': `[\n  ${text.replaceAll(',', ' ,\n ')}, 5]` });
    const args = ['--endpoint', url, '--dead-letter', 'dead.ndjson'];
    const first = await runBinary(['enrich', 'cases.json', ...args], { cwd });
    expect([first.code, readFileSync(join(cwd, 'dead.ndjson'), 'utf8')]).toEqual([1, `${text}\n`]);
    const second = await runBinary(['enrich', 'dead.ndjson', '--endpoint', url], { cwd });
    expect([second.code, shortly(reportOf(second.stdout).results)]).toEqual([0, ['12345678901234567890 enriched']]);
  });
});

describe('fewer calls than cases', () => {
  test('--share-requests asks each URL once', async () => {
    // Nobody is answered before all four are asked for.
    const held: ServerResponse[] = [];
    const { url, stats } = await countingServer((_, response) => {
      if (held.push(response) === 4) held.forEach((one) => answer(one));
    });
    const stdin = ndjsonCases(200, (n) => ({ customer: n % 4 }));
    const args = ['enrich', '-', '--endpoint', `${url}/customers/{customer}`, '--share-requests'];
    const { code, stdout } = await runBinary(args, { stdin });
    const { results, summary } = reportOf(stdout);
    expect([code, stats.requests.length, summary.attempts, summary.enriched]).toEqual([0, 4, 4, 200]);
    expect(results.filter(({ shared, attempts }) => shared === true && attempts === 0).length).toBe(196);
  });

  test('--batch against the built-in endpoint', async () => {
    const args = ['enrich', '-', '--endpoint', 'demo', '--batch', '3'];
    const stdin = ['CASE-001', 'nope', 'CASE-002', 'CASE-003'].map((id) => `{"id":"${id}"}\n`).join('');
    const { code, stdout } = await runBinary(args, { stdin });
    const { results, summary } = reportOf(stdout);
    const shown = [
      'CASE-001 enriched',
      expect.stringMatching(/^nope failed/),
      'CASE-002 enriched',
      'CASE-003 enriched',
    ];
    expect([code, summary.attempts, shortly(results)]).toEqual([1, 2, shown]);
    expect(results[2]?.enrichedCase).toMatchObject({ enrichment: { customer: {} } });
  });

  test('--batch: a batch that is refused for good is split until the guilty case is alone', async () => {
    const asked: number[] = [];
    const { url } = await countingServer(async (request, response) => {
      const cases = JSON.parse(await bodyOf(request)) as { id: string }[];
      asked.push(cases.length);
      if (cases.some(({ id }) => id === 'C-3')) answer(response, { error: 'C-3?' }, 422);
      else answer(response, { data: Object.fromEntries(cases.map(({ id }) => [id, { for: id }])) });
    });
    const { code, stdout } = await enrich(8, `${url}/batch`, '--batch', '8', '--batch-key', '/data', '--limit', '1');
    const { results } = reportOf(stdout);
    expect([code, asked.toSorted((a, b) => a - b)]).toEqual([1, [1, 1, 2, 2, 4, 4, 8].toSorted((a, b) => a - b)]);
    for (const { caseId, status, enrichedCase } of results) {
      if (caseId === 'C-3') expect(status).toBe('failed');
      else expect(enrichedCase).toEqual({ id: caseId, enrichment: { for: caseId } });
    }
  });

  test('--batch: whatever answer is no array of the same length fails its cases, and only them', async () => {
    const { url } = await countingServer(async (request, response) => {
      const cases = JSON.parse(await bodyOf(request)) as { id: string }[];
      answer(response, cases[0]?.id === 'C-1' ? cases.slice(1) : cases);
    });
    const { code, stdout } = await enrich(4, url, '--batch', '2', '--limit', '1');
    expect([code, shortly(reportOf(stdout).results)]).toEqual([
      1,
      ['C-1 failed response', 'C-2 failed response', 'C-3 enriched', 'C-4 enriched'],
    ]);
  });
});

test('--response-schema holds every answer against the schema', async () => {
  const { url } = await countingServer((request, response) => {
    answer(response, { score: idOf(request) === 'C-2' ? 'high' : 5 });
  });
  const schema = { type: 'object', properties: { score: { type: 'integer' } }, required: ['score'] };
  const cwd = folderWith({ 'answer.json': JSON.stringify(schema), 'cases.ndjson': ndjsonCases(3) });
  const args = ['enrich', 'cases.ndjson', '--endpoint', url, '--response-schema', 'answer.json'];
  const { code, stdout } = await runBinary(args, { cwd });
  const { results } = reportOf(stdout);
  expect([code, shortly(results)]).toEqual([1, ['C-1 enriched', 'C-2 failed response', 'C-3 enriched']]);
  expect(results[1]?.error?.message).toMatch(/score.*integer/);
});

test('--adaptive reports the course of its limit, which stays below --limit', async () => {
  const clock = new FakeClock();
  const { url, stats } = await countingServer((_, response, { inFlight }) => {
    if (inFlight > 8) answer(response, {}, 503);
    else clock.setTimer(5, () => answer(response));
  });
  const flags = ['--adaptive', '--limit', '100', '--backoff', '5ms', '--retries', '9'];
  const { stdout, stderr } = await enrichBy(clock, 1, ndjsonCases(1_000), url, ...flags);
  const { summary, run } = reportOf(stdout);
  const { configured, settled, course = [] } = summary.limit;
  expect([run.limits.adaptive, configured, course[0]]).toEqual([true, 100, { atMs: 0, limit: 4 }]);
  expect(course.length).toBeGreaterThan(1);
  expect(settled).toBeLessThan(40);
  expect(stats.mostInFlight).toBeLessThanOrEqual(Math.max(...course.map(({ limit }) => limit)));
  expect(stderr).toContain(`limit settled at ${settled} of 100`);
});

test('--rate spaces the starts, retries included', async () => {
  const clock = new FakeClock();
  const arrivedAt: number[] = [];
  const failOnce = firstFails((response) => answer(response, {}, 503));
  const { url } = await countingServer((...call) => {
    arrivedAt.push(clock.now());
    return failOnce(...call);
  });
  const flags = ['--rate', '100/s', '--backoff', '1ms', '--limit', '50'];
  const { code, stdout } = await enrichBy(clock, 1, ndjsonCases(10), url, ...flags);
  const { summary, run } = reportOf(stdout);
  expect([code, summary.attempts, run.limits.ratePerSecond]).toEqual([0, 20, 100]);
  // Starts are 10 ms apart; their arrival can be late, but not early.
  expect(arrivedAt.filter((at, nth) => at < nth * 10)).toEqual([]);
  expect(summary.waitedMs['rate']).toBeGreaterThanOrEqual(90);
});

describe('--resume', () => {
  test('calls only what is missing; --only narrows that; the journal stays valid throughout', async () => {
    let healthy = false;
    const { url, stats } = await countingServer((request, response, seen) =>
      healthy ? answer(response, { healthy }) : void oddFail(request, response, seen),
    );
    const cwd = folderWith({ 'cases.ndjson': `${ndjsonCases(6)}oops\n` });
    const args = ['enrich', 'cases.ndjson', '--endpoint', url, '-o', 'run.ndjson'];
    const first = await runMain(args, { cwd });
    expect([first.code, first.stdout, stats.requests.length]).toEqual([1, '', 6]);
    const refused = await runMain(args, { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--resume')]);

    const missing = await runBinary([...args, '--resume', '--only', 'missing'], { cwd });
    expect([missing.code, stats.requests.length]).toEqual([1, 6]);
    expect(missing.stderr).toContain('3 enriched');
    healthy = true;
    const failed = await runMain([...args, '--resume', '--only', 'failed'], { cwd });
    expect([failed.code, stats.requests.length]).toEqual([1, 9]);
    const all = await runMain([...args, '--resume'], { cwd });
    expect([all.code, stats.requests.length]).toEqual([1, 9]);

    const journal = readFileSync(join(cwd, 'run.ndjson'), 'utf8');
    const { results, closing } = resultLinesOf(journal);
    const newest = new Map(results.map((result) => [result.caseId, result.status]));
    expect([...newest.values()].filter((status) => status === 'enriched').length).toBe(6);
    expect(closing?.summary).toMatchObject({ total: 7 });
  });
});

test('--format table into a file has every row and no colours', async () => {
  const { url } = await countingServer(oddFail);
  const { cwd, code, stdout } = await enrich(4, url, '--format', 'table', '-o', 'out.txt', '--color', 'always');
  const table = readFileSync(join(cwd, 'out.txt'), 'utf8');
  expect([code, stdout]).toEqual([1, '']);
  for (const id of ['C-1', 'C-2', 'C-3', 'C-4']) expect(table).toContain(id);
  expect(table).not.toContain('\u001b');
});
