import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { runMain } from '../helpers/run-main.js';
import { countingServer } from '../helpers/counting-server.js';
import { reportOf, shortly } from '../helpers/results.js';

describe('usage errors: exit code 2, one to four lines that name the flag, nothing sent, nothing written', () => {
  test.each<[string[], string]>([
    [['--rate', '0/s'], '--rate'],
    [['--rate', '5'], '5/s'],
    [['--max-failures', '101%'], '--max-failures'],
    [['--max-failures', '0'], '--max-failures'],
    [['--limit', '0'], '--limit'],
    [['--limit', '3', '--concurrency', '4'], '--concurrency'],
    [['--shard', '3/2'], '--shard'],
    [['--shard', '0/2'], '--shard'],
    [['--timeout', '5'], '5s'],
    [['--response-schema', 'broken.json'], 'broken.json'],
    [['--response-schema', 'none.json'], 'none.json'],
    [['--response-schema', 'odd.json'], 'odd.json'],
    [['--resume'], '-o'],
    [['--resume', '-o', 'out.json'], '.ndjson'],
    [['--on-failure', 'fail-fast', '--max-failures', '3'], '--max-failures'],
    [['--only', 'failed'], '--resume'],
    [['--order', 'input', '-o', 'out.ndjson'], '--order'],
    [['--method', 'GET', '--body', '{}'], '--body'],
    [['--into', 'status'], '--into'],
    [['-o', 'cases.ndjson'], 'cases.ndjson'],
    [['--dead-letter', 'cases.ndjson'], 'cases.ndjson'],
    [['-o', 'x.ndjson', '--dead-letter', './x.ndjson'], 'x.ndjson'],
    [['--pick', 'data'], '--pick'],
    [['--header', 'no colon'], '--header'],
    [['--endpoint', 'ftp://example.com/{id}'], 'ftp'],
    [['--endpoint', 'http://{host}/x'], '{host}'],
    [['--batch', '2', '--method', 'PUT'], '--batch'],
    [['--frist', '3'], '--first'],
  ])('%j', async (args, named) => {
    const cwd = folderWith({
      'cases.ndjson': ndjsonCases(2),
      'broken.json': '{',
      'odd.json': '{"type":"objekt"}',
    });
    const given = args.includes('--endpoint') ? [] : ['--endpoint', 'http://127.0.0.1:9/'];
    const { code, stdout, stderr } = await runMain(['enrich', 'cases.ndjson', ...given, ...args], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/^error: /);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(6);
    expect(stderr).not.toContain('    at ');
  });

  test('through the binary', async () => {
    const { code, stdout, stderr } = await runBinary(['enrich', '--endpoint', 'demo', '--rate', '5']);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^error: --rate 5 .*\n {2}hint: .*5\/s/)]);
  });
});

describe('combinations', () => {
  test.each<[string, string[], string[]]>([
    ['a shard takes part of the ids that are named', ['--shard', '1/2', '--id', 'C-1'], []],
    ['the other one has the rest', ['--shard', '2/2', '--id', 'C-1'], []],
    ['--first does not count invalid records', ['--first', '2'], ['null invalid case', 'C-1 enriched', 'C-2 enriched']],
    ['with a filter invalid records are not shown', ['--id', 'C-2'], ['C-2 enriched']],
    ['an id that is not there', ['--id', 'C-9'], []],
    ['an id in the other case', ['--id', 'c-2'], ['C-2 enriched']],
  ])('%s', async (_, args, expected) => {
    const server = await countingServer();
    const cwd = folderWith({ 'cases.ndjson': `oops\n${ndjsonCases(3)}` });
    const { stdout } = await runMain(['enrich', 'cases.ndjson', '--endpoint', server.url, ...args], { cwd });
    const results = shortly(reportOf(stdout).results);
    if (!args.includes('--shard')) expect(results).toEqual(expected);
    else expect(server.stats.requests.length).toBe(results.length);
  });

  test('all shards together have every case and every invalid record once', async () => {
    const server = await countingServer();
    const cwd = folderWith({ 'cases.ndjson': `oops\n${ndjsonCases(40)}{"title":"no id"}\n` });
    const all: string[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const args = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--shard', shard];
      all.push(...shortly(reportOf((await runMain(args, { cwd })).stdout).results));
    }
    expect(all.filter((line) => line === 'null invalid case').length).toBe(2);
    expect(new Set(all.filter((line) => line.endsWith('enriched'))).size).toBe(40);
    expect([all.length, new Set(server.stats.requests).size, server.stats.requests.length]).toEqual([42, 40, 40]);
  });

  test('--order input holds NDJSON back until it is its turn', async () => {
    // The first case is answered after all others.
    let first: ServerResponse | undefined;
    let others = 19;
    const server = await countingServer((request, response) => {
      const isFirst = request.url?.endsWith('/C-1') === true;
      if (isFirst) first = response;
      else response.on('finish', () => --others === 0 && first?.end('1')).end('1');
      if (isFirst && others === 0) response.end('1');
    });
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(20) });
    const args = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--format', 'ndjson', '--order', 'input'];
    const { stdout } = await runMain(args, { cwd });
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { index: number }).index),
    ).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test.each(['HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'POST'])(
    '%s sends what it should and takes the answer',
    async (method) => {
      const seen: [string | undefined, string | undefined, string | undefined, string][] = [];
      const server = await countingServer(async (request, response) => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const { 'content-type': type, 'idempotency-key': key } = request.headers;
        seen.push([request.method, type, key && 'key', body]);
        response.end(method === 'HEAD' ? undefined : '{"ok":1.0}');
      });
      const cwd = folderWith({ 'cases.ndjson': '{"id":"a", "n":1.0}\n' });
      const { code, stdout } = await runMain(['enrich', 'cases.ndjson', '--endpoint', server.url, '--method', method], {
        cwd,
      });
      const sends = ['PUT', 'PATCH', 'POST'].includes(method);
      expect(seen).toEqual([
        sends ? [method, 'application/json', 'key', '{"id":"a", "n":1.0}'] : [method, undefined, undefined, ''],
      ]);
      expect([code, reportOf(stdout).results[0]?.status]).toEqual([0, 'enriched']);
      expect(stdout).toContain(method === 'HEAD' ? '"enrichment":null' : '"enrichment":{"ok":1.0}');
    },
  );

  test('a POST follows 307 with its body, and nothing else', async () => {
    const bodies: string[] = [];
    const server = await countingServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      bodies.push(`${request.method} ${request.url} ${body}`);
      const status = request.url?.endsWith('a') ? 307 : 302;
      if (request.url?.startsWith('/new')) response.end('{}');
      else response.writeHead(status, { location: `/new${request.url}` }).end();
    });
    const cwd = folderWith({ 'cases.ndjson': '{"id":"a"}\n{"id":"b"}\n' });
    const args = ['enrich', 'cases.ndjson', '--endpoint', `${server.url}/{id}`, '--method', 'POST', '--limit', '1'];
    const { results } = reportOf((await runMain(args, { cwd })).stdout);
    expect(shortly(results)).toEqual(['a enriched', 'b failed http']);
    expect(bodies).toEqual(['POST /a {"id":"a"}', 'POST /new/a {"id":"a"}', 'POST /b {"id":"b"}']);
  });
});
