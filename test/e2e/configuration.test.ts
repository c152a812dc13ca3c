import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { runMain } from '../helpers/run-main.js';
import { answer, countingServer } from '../helpers/counting-server.js';
import { serve, serveRaw } from '../helpers/fault-server.js';
import { reportOf, resultLinesOf } from '../helpers/results.js';

test('flag, else environment, else file, else default: the dry run says which, and sends nothing', async () => {
  const { url, stats } = await countingServer();
  const config = { endpoint: `${url}/{id}`, files: ['cases.ndjson'], limit: 3, timeout: '7s', retries: 4 };
  const cwd = folderWith({ 'case-tracker.config.json': JSON.stringify(config), 'cases.ndjson': ndjsonCases(2) });
  mkdirSync(join(cwd, '.git'));
  mkdirSync(join(cwd, 'below'));
  const below = join(cwd, 'below');
  const env = { CASE_TRACKER_TIMEOUT: '8s', CASE_TRACKER_RETRIES: '5' };
  const dry = await runBinary(['enrich', '--retries', '6', '--dry-run'], { cwd: below, env });
  expect([dry.code, stats.requests.length]).toEqual([0, 0]);
  expect(dry.stderr).toMatch(/^limit +3 +\.\.\/case-tracker\.config\.json$/m);
  expect(dry.stderr).toMatch(/^timeout +8s +CASE_TRACKER_TIMEOUT$/m);
  expect(dry.stderr).toMatch(/^retries +6 +--retries$/m);
  expect(dry.stderr).toMatch(/^deadline +30s +default$/m);
  expect(dry.stdout).toContain(`GET ${url}/C-1\n`);

  const { code, stdout } = await runBinary(['enrich', '--retries', '6'], { cwd: below, env });
  const { run, summary } = reportOf(stdout);
  expect([code, summary.enriched, run.limits]).toEqual([
    0,
    2,
    expect.objectContaining({ limit: 3, timeoutMs: 8_000, retries: 6, deadlineMs: 30_000 }),
  ]);
});

test('a found file sends no environment, no .git/config and no file from elsewhere to its endpoint', async () => {
  const { url, stats } = await countingServer();
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
  for (const body of ['@/proc/self/environ', '@/etc/passwd', '@.git/config']) {
    const config = { endpoint: `${url}/{id}`, method: 'POST', files: ['cases.ndjson'], body };
    writeFileSync(join(cwd, 'case-tracker.config.json'), JSON.stringify(config));
    const { code, stdout, stderr } = await runBinary(['enrich'], { cwd, env: { PASSWORD: 'env-s3cret' } });
    expect([code, stdout, stats.requests.length]).toEqual([2, '', 0]);
    expect(stderr).toContain(`"body" in case-tracker.config.json: ${body.slice(1)} leads`);
  }
});

describe('secrets', () => {
  const SECRETS = [
    'Bearer file-s3cret/1',
    'file-s3cret/1',
    'user-pa55',
    'query-s3cret',
    'variable-s3cret',
    'flag-s3cret',
  ];

  /** Everything that a run has put out that may not show a secret: stderr, stdout and files. */
  function expectHidden(texts: readonly string[]): void {
    for (const text of texts) for (const secret of SECRETS) expect(text).not.toContain(secret);
  }

  test('are *** everywhere, also when the endpoint echoes them, whatever becomes of the case', async () => {
    const { url, server } = await countingServer((request, response) => {
      const { 'x-api-key': key = '', 'x-flag': flag = '', authorization = '' } = request.headers;
      const echo = [key, flag, authorization, request.url].join(' ');
      const id = request.url?.match(/C-\d/)?.[0];
      if (id === 'C-1') response.writeHead(400, `no ${String(key)}`).end(JSON.stringify({ error: echo }));
      else if (id === 'C-2') response.end(`<html>${echo}`);
      else if (id === 'C-3')
        response.writeHead(302, { location: `http://localhost:1/?k=${encodeURIComponent(echo)}` }).end();
      else if (id === 'C-4') response.writeHead(200, { 'content-encoding': String(flag) }).end();
      else if (id === 'C-5') response.end(JSON.stringify({ echo }));
      else answer(response, { error: echo }, 503);
    });
    const host = url.replace('http://', '');
    const cwd = folderWith({
      'headers.txt': 'x-api-key: Bearer file-s3cret/1\n',
      'cases.ndjson': ndjsonCases(6),
      'case-tracker.config.json': JSON.stringify({
        endpoint: `http://user:user-pa55@${host}/p/\${CASE_TRACKER_IN_PATH}/{id}?key=query-s3cret`,
        output: 'run-${CASE_TRACKER_IN_PATH}.ndjson',
      }),
    });
    const args = ['enrich', 'cases.ndjson', '--header', '@headers.txt', '--header', 'x-flag: flag-s3cret'];
    const env = { CASE_TRACKER_IN_PATH: 'variable-s3cret' };
    const dry = await runBinary([...args, '--dry-run'], { cwd, env });
    expectHidden([dry.stdout, dry.stderr]);
    expect(dry.stdout).toContain(`GET http://***@${host}/p/***/C-1?key=***\n`);

    const more = ['--backoff', '1ms', '--log-level', 'trace', '--log-format'];
    const run = await runBinary([...args, ...more, 'json'], { cwd, env });
    expect([run.code, run.stdout, server.connections > 0]).toEqual([1, '', true]);
    const journal = readFileSync(join(cwd, 'run-variable-s3cret.ndjson'), 'utf8');
    // An enrichment is data and stays.
    const { results, closing } = resultLinesOf(journal);
    expect(results.find(({ caseId }) => caseId === 'C-5')?.enrichedCase).toMatchObject({
      enrichment: { echo: expect.stringContaining('file-s3cret/1') as string },
    });
    expect(closing?.run.endpoint).toBe(`http://***@${host}/p/***/{id}?key=***`);
    const report = await runBinary([...args, '-o', '-', ...more, 'pretty', '--format', 'json'], { cwd, env });
    const failures = results.filter(({ status }) => status !== 'enriched').map((result) => JSON.stringify(result));
    const shown = report.stdout.split('\n').filter((line) => !line.includes('"C-5"'));
    expectHidden([run.stderr, report.stderr, ...failures, JSON.stringify(closing), ...shown]);
    expect(failures.join()).toContain('***');
  });

  test('a header value that is a word or number of our own does not blot it out, nor break the JSON of logs', async () => {
    const { url } = await countingServer();
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(1) });
    const headers = ['true', 'null', '1', '0', 'total', '127'].flatMap((value, n) => ['--header', `x-${n}: ${value}`]);
    const args = ['enrich', 'cases.ndjson', '--endpoint', url, ...headers, '--log-level', 'debug', '-o', 'out.json'];
    const { stderr } = await runMain([...args, '--log-format', 'json'], { cwd });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { requestId?: string; summary?: object });
    expect(lines[0]?.requestId).toMatch(/^[\da-f]+-1$/);
    expect(lines.at(-1)?.summary).toMatchObject({ total: 1, enriched: 1, failed: 0 });
    const pretty = await runMain([...args, '--log-format', 'pretty', '--overwrite'], { cwd });
    expect(pretty.stderr).toContain('✓ 1 case enriched');
    expect(pretty.stderr).toMatch(/Cases +1 +1 enriched · 0 failed/);
    expect(reportOf(readFileSync(join(cwd, 'out.json'), 'utf8')).run.endpoint).toBe(`${url}/{id}`);
  });
});

describe('proxies', () => {
  test('HTTP_PROXY is used, its credentials are sent and hidden, and NO_PROXY is honoured', async () => {
    const asked: [url: string | undefined, authorization: string | undefined][] = [];
    const proxy = await serve((request, response) => {
      asked.push([request.url, request.headers['proxy-authorization']]);
      answer(response, { via: 'proxy' });
    });
    const env = { HTTP_PROXY: proxy.url.replace('://', '://me:pr0xy-s3cret@') };
    const args = ['enrich', '-', '--endpoint', 'http://cases.invalid/{id}'];
    const through = await runBinary(args, { stdin: ndjsonCases(1), env });
    expect([through.code, asked]).toEqual([
      0,
      [['http://cases.invalid/C-1', `Basic ${Buffer.from('me:pr0xy-s3cret').toString('base64')}`]],
    ]);
    const direct = await countingServer();
    const past = ['enrich', '-', '--endpoint', direct.url];
    const { code } = await runBinary(past, { stdin: ndjsonCases(1), env: { ...env, NO_PROXY: '127.0.0.1' } });
    expect([code, asked.length, direct.stats.requests.length]).toEqual([0, 1, 1]);
    const { stdout } = await runBinary(['enrich', '-', '--endpoint', 'demo'], { stdin: '{"id":"CASE-001"}\n', env });
    expect([reportOf(stdout).summary.enriched, asked.length]).toEqual([1, 1]);
  });

  test('a proxy that refuses is a network failure that is not retried', async () => {
    const proxy = await serveRaw((socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    const env = { HTTPS_PROXY: proxy.url.replace('://', '://me:pr0xy-s3cret@') };
    const args = ['enrich', '-', '--endpoint', 'https://cases.invalid/{id}'];
    const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(1), env });
    const { results } = reportOf(stdout);
    expect([code, results[0]?.attempts, results[0]?.error]).toEqual([
      1,
      1,
      expect.objectContaining({ kind: 'network', retryable: false }),
    ]);
    expect(stdout + stderr).not.toContain('pr0xy-s3cret');
  });
});

test('a configuration that is wrong is refused by name, with the place and the remedy', async () => {
  const cwd = folderWith();
  const write = (config: object): void => writeFileSync(join(cwd, 'case-tracker.config.json'), JSON.stringify(config));
  for (const [config, named] of [
    [{ limt: 3 }, /limt.*did you mean.*limit/s],
    [{ timeout: 5 }, /timeout.*5s/s],
    [{ headers: { 'x-key': '${HOME_KEY}' } }, /HOME_KEY/],
    [{ headers: { 'x-key': '${CASE_TRACKER_NOT_SET}' } }, /CASE_TRACKER_NOT_SET/],
    [{ limit: 100_000 }, /limit.*10,?000/s],
  ] as const) {
    write(config);
    const { code, stdout, stderr } = await runMain(['enrich', '--endpoint', 'http://127.0.0.1:9'], { cwd });
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(named)]);
    expect(stderr).toContain('case-tracker.config.json');
  }
});
