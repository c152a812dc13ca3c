/** A URL without a placeholder: when an id is appended, and one URL for all cases. */

import { describe, expect, test } from 'vitest';
import { answer, countingServer } from '../../helpers/counting-server.js';
import { folderWith } from '../../helpers/folder.js';
import { resultLinesOf } from '../../helpers/results.js';
import { runMain } from '../../helpers/run-main.js';

const CASES = { 'cases.ndjson': '{"id":"a","t":1}\n{"id":"b","t":1}\n' };
const BODY = ['--body', '{"query":{id}}'];

describe('the URL that is called', () => {
  test.each<[string, string[], string[]]>([
    ['GET', [], ['GET /v1/x/a', 'GET /v1/x/b']],
    ['GET, taken as it stands', ['--no-append-id'], ['GET /v1/x', 'GET /v1/x']],
    ['POST of the case', ['--method', 'POST'], ['POST /v1/x/a', 'POST /v1/x/b']],
    ['POST of the case, as it stands', ['--method', 'POST', '--no-append-id'], ['POST /v1/x', 'POST /v1/x']],
    ['POST of a template', ['--method', 'POST', ...BODY], ['POST /v1/x', 'POST /v1/x']],
    ['PUT of a template', ['--method', 'PUT', ...BODY], ['PUT /v1/x', 'PUT /v1/x']],
    ['PATCH of a template', ['--method', 'PATCH', ...BODY], ['PATCH /v1/x', 'PATCH /v1/x']],
    ['POST of a text', ['--method', 'POST', '--body', '{"ping":true}'], ['POST /v1/x/a', 'POST /v1/x/b']],
    ['a batch', ['--batch', '1', '--no-append-id'], ['POST /v1/x', 'POST /v1/x']],
    ['GETs that are shared', ['--no-append-id', '--share-requests'], ['GET /v1/x']],
  ])('%s', async (_, flags, expected) => {
    const server = await countingServer((_request, response) => answer(response, [{}]));
    const argv = ['enrich', 'cases.ndjson', '--endpoint', `${server.url}/v1/x`, '--limit', '1', ...flags];
    const { code } = await runMain(argv, { cwd: folderWith(CASES) });
    expect([code, server.stats.requests]).toEqual([0, expected]);
  });

  test('can be set in environment and configuration, and unset again', async () => {
    const cwd = folderWith({ ...CASES, 'case-tracker.config.json': '{"noAppendId":true}' });
    const argv = ['enrich', 'cases.ndjson', '--endpoint', 'http://h/x', '--dry-run', '-q'];
    const urls = async (more: string[], env = {}): Promise<string> => {
      const { stdout } = await runMain([...argv, ...more], { cwd, env });
      return stdout.split('\n')[0] ?? '';
    };
    expect(await urls([])).toBe('GET http://h/x');
    expect(await urls(['--unset', 'no-append-id'])).toBe('GET http://h/x/a');
    expect(await urls(['--unset', 'config', '--no-append-id'])).toBe('GET http://h/x');
    expect(await urls([], { CASE_TRACKER_NO_APPEND_ID: '0' })).toBe('GET http://h/x/a');
  });
});

test('keys stay those of each case, so that a resumed run knows them apart', async () => {
  const server = await countingServer();
  const cwd = folderWith(CASES);
  const argv = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--no-append-id', '--format', 'ndjson'];
  const { results } = resultLinesOf((await runMain(argv, { cwd })).stdout);
  expect(new Set(results.map(({ key }) => key)).size).toBe(2);
  const keys: unknown[] = [];
  const posts = await countingServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    answer(response);
  });
  await runMain(['enrich', 'cases.ndjson', '--endpoint', posts.url, '--method', 'POST', '--body', '{"t":{t}}'], {
    cwd,
  });
  expect(new Set(keys).size).toBe(2);
});

describe('a dry run', () => {
  async function lastLines(...flags: string[]): Promise<string[]> {
    const argv = ['enrich', 'cases.ndjson', '--endpoint', 'http://h/x', '--dry-run', ...flags];
    const { stderr } = await runMain(argv, { cwd: folderWith(CASES) });
    return stderr.split('\n').slice(-3, -1);
  }

  test('warns where several cases would get the same request', async () => {
    expect(await lastLines('--no-append-id')).toEqual([
      '! 1 case would get the same request as another, first b: {field} in --endpoint or --body makes them differ, ' +
        'and --share-requests makes equal ones once',
      '2 cases would be called; nothing was sent',
    ]);
    expect(await lastLines('--method', 'POST', '--body', '{"t":{t}}')).toEqual([
      '! 1 case would get the same request as another, first b: {field} in --endpoint or --body makes them differ',
      '2 cases would be called; nothing was sent',
    ]);
  });

  test.each<[string[], string]>([
    [['--no-append-id', '--share-requests'], '2 cases would be called, in 1 call (--share-requests); nothing was sent'],
    [['--share-requests'], '2 cases would be called; nothing was sent'],
    [['--batch', '5'], '2 cases would be called, in 1 call (--batch); nothing was sent'],
    [BODY.concat('--method', 'POST'), '2 cases would be called; nothing was sent'],
  ])('does not where %j', async (flags, expected) => {
    expect(await lastLines(...flags)).toEqual(['', expected]);
  });
});
