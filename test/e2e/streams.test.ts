import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { answer, countingServer, idOf } from '../helpers/counting-server.js';
import { reportOf, resultLinesOf, shortly, statuses } from '../helpers/results.js';

describe('standard input', () => {
  test('a case that is written to an open pipe is answered on stdout before the pipe is closed', async () => {
    const server = await countingServer();
    const run = startBinary(['enrich', '-', '--endpoint', server.url, '--format', 'ndjson'], { stdin: null });
    for (const id of ['first', 'second']) {
      run.child.stdin.write(`{"id":"${id}"}\n`);
      await run.shows('stdout', `"${id}"`);
    }
    run.child.stdin.end('{"id":"last"}');
    const { code, stdout } = await run.ended;
    expect([code, shortly(resultLinesOf(stdout).results)]).toEqual([
      0,
      ['first enriched', 'second enriched', 'last enriched'],
    ]);
  });

  test('`list --format ndjson | enrich -` hands on what was selected, as it was read', async () => {
    const server = await countingServer();
    const text = '[{"id":1,"n":1.0,"status":"open"},{"id":2,"status":"closed"},{"id":"3","status":"open","big":1e400}]';
    const cwd = folderWith({ 'cases.json': text });
    const list = await runBinary(['list', 'cases.json', '--status', 'open', '--format', 'ndjson'], { cwd });
    expect(list.stdout).toBe('{"id":1,"n":1.0,"status":"open"}\n{"id":"3","status":"open","big":1e400}\n');
    const { code, stdout } = await runBinary(['enrich', '--endpoint', server.url], { stdin: list.stdout });
    expect([code, shortly(reportOf(stdout).results)]).toEqual([0, ['1 enriched', '3 enriched']]);
    expect(stdout).toContain('{"id":"3","status":"open","big":1e400,"enrichment":{"ok":true}}');
  });
});

describe('standard output', () => {
  test('json is in input order and ndjson in completion order, whatever the order of the answers', async () => {
    // The first case is answered when all the others have been.
    let first: ServerResponse | undefined;
    const server = await countingServer((request, response) => {
      if (idOf(request) === 'C-1') first = response;
      else response.once('close', () => server.stats.requests.length % 6 === 0 && first && answer(first));
      if (idOf(request) !== 'C-1') answer(response);
    });
    const args = ['enrich', '-', '--endpoint', server.url, '--limit', '3'];
    const json = await runBinary(args, { stdin: ndjsonCases(6) });
    expect(reportOf(json.stdout).results.map(({ caseId }) => caseId)).toEqual([
      'C-1',
      'C-2',
      'C-3',
      'C-4',
      'C-5',
      'C-6',
    ]);
    const ndjson = await runBinary([...args, '--format', 'ndjson'], { stdin: ndjsonCases(6) });
    const { results } = resultLinesOf(ndjson.stdout);
    expect([results.at(-1)?.caseId, results.at(-1)?.index, results.length]).toEqual(['C-1', 0, 6]);
  });

  test('a reader that has seen enough ends the run quietly, for the report, for lines, and for list', async () => {
    const server = await countingServer();
    const stdin = ndjsonCases(3_000, () => ({ text: 'x'.repeat(200) }));
    for (const args of [
      ['enrich', '-', '--endpoint', server.url, '--format', 'ndjson'],
      ['enrich', '-', '--endpoint', server.url],
      ['list', '-', '--format', 'ndjson'],
    ]) {
      const before = server.stats.requests.length;
      const run = startBinary(args, { stdin });
      await run.shows('stdout', 'C-1');
      run.child.stdout.destroy();
      const { stderr, signal } = await run.ended;
      expect([args[0], stderr, signal]).toEqual([args[0], '', null]);
      expect(server.stats.requests.length - before).toBeLessThan(2_900);
    }
  });

  test('with stderr closed too the results still come out', async () => {
    const server = await countingServer();
    const run = startBinary(['enrich', '-', '--endpoint', server.url, '--log-level', 'debug'], { stdin: null });
    run.child.stderr.destroy();
    run.child.stdin.end(ndjsonCases(50));
    const { code, stdout } = await run.ended;
    expect([code, reportOf(stdout).summary.enriched]).toEqual([0, 50]);
  });
});

describe('signals', () => {
  /** Holds every answer until it is told to let them go. */
  async function heldServer(): Promise<{ url: string; seen: (n: number) => Promise<void>; release: () => void }> {
    const held: ServerResponse[] = [];
    const { url, server } = await countingServer((_, response) => held.push(response));
    return { url, seen: (n) => server.seen(n), release: () => held.splice(0).forEach((response) => answer(response)) };
  }

  test.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('after %s the calls in flight end, no other is started, and the exit code is %i', async (signal, exitCode) => {
    const { url, seen, release } = await heldServer();
    const run = startBinary(['enrich', '-', '--endpoint', url, '--limit', '3'], { stdin: ndjsonCases(10) });
    await seen(3);
    run.child.kill(signal);
    await run.shows('stderr', 'finishing 3 calls (Ctrl-C again to cancel)');
    release();
    const { code, stdout, stderr } = await run.ended;
    const { run: info, summary, results } = reportOf(stdout);
    expect([code, info.stoppedBy, info.complete]).toEqual([exitCode, 'signal', false]);
    expect(shortly(results)).toEqual(['C-1 enriched', 'C-2 enriched', 'C-3 enriched']);
    expect(summary.attempts).toBe(3);
    expect(stderr).toContain(`✗ 3 cases enriched, but the run did not end well (exit ${exitCode}; interrupted)`);
  });

  test('a second one cancels what is in flight: they are cancelled results, in one valid document', async () => {
    const { url, seen } = await heldServer();
    const run = startBinary(['enrich', '-', '--endpoint', url, '--limit', '3'], { stdin: ndjsonCases(10) });
    await seen(3);
    run.child.kill('SIGINT');
    await run.shows('stderr', 'finishing');
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    const { summary, results } = reportOf(stdout);
    expect([code, summary.cancelled, shortly(results)[0]]).toEqual([130, 3, 'C-1 cancelled cancelled']);
    expect(results.every(({ error }) => error?.retryable)).toBe(true);
  });

  test('the grace is kept to, and waits between attempts end at once', async () => {
    const cwd = folderWith();
    const { url, server } = await countingServer((request, response) => {
      if (idOf(request) === 'C-1') answer(response, {}, 503);
    });
    const args = ['enrich', '-', '--endpoint', url, '--backoff', '1h', '--max-backoff', '1h', '--deadline', '2h'];
    const run = startBinary([...args, '--timeout', '1h', '--grace', '200ms', '-o', 'run.ndjson'], {
      cwd,
      stdin: ndjsonCases(2),
    });
    await server.seen(2);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    const { results, closing } = resultLinesOf(readFileSync(join(cwd, 'run.ndjson'), 'utf8'));
    expect([code, stdout, statuses(results)]).toEqual([130, '', { cancelled: 2 }]);
    expect(results.find(({ caseId }) => caseId === 'C-1')?.error?.message).toContain('503');
    expect(closing?.run.stoppedBy).toBe('signal');
  });

  test('while nothing is in flight and the input is silent it ends at once', async () => {
    const { url } = await countingServer();
    const run = startBinary(['enrich', '-', '--endpoint', url, '--format', 'ndjson'], { stdin: null });
    run.child.stdin.write('{"id":"a"}\n{"id":');
    await run.shows('stdout', '"a"');
    run.child.kill('SIGTERM');
    const { code, stdout, stderr } = await run.ended;
    expect([code, shortly(resultLinesOf(stdout).results)]).toEqual([143, ['a enriched']]);
    expect(stderr).toContain('terminated');
  });
});

test('with an output file nothing at all comes on stdout', async () => {
  const server = await countingServer();
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(5) });
  writeFileSync(join(cwd, 'link.json'), '');
  const { code, stdout } = await runBinary(['enrich', 'cases.ndjson', '--endpoint', server.url, '-o', 'link.json'], {
    cwd,
  });
  expect([code, stdout]).toEqual([0, '']);
  expect(reportOf(readFileSync(join(cwd, 'link.json'), 'utf8')).summary.enriched).toBe(5);
});
