import { describe, expect, test } from 'vitest';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { answer, countingServer, idOf, type Respond } from '../helpers/counting-server.js';
import { resultLinesOf, reportOf } from '../helpers/results.js';
import { runMain } from '../helpers/run-main.js';

const numberOf = (request: Parameters<Respond>[0]): number => Number(/\d+/.exec(idOf(request))?.[0] ?? 0);
/** 404 for every second case. */
const halfKnown: Respond = (request, response) =>
  numberOf(request) % 2 === 0 ? answer(response, { error: 'unknown' }, 404) : answer(response, { risk: 1 });
const later: Respond = (_request, response) => answer(response, { state: 'queued' }, 202);

describe('--accept-status', () => {
  test('makes a 404 an answer, with its status in the result', async () => {
    const { url } = await countingServer(halfKnown);
    const args = ['enrich', '-', '--endpoint', url, '--accept-status', '200-299,404', '--format', 'ndjson'];
    const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(4) });
    expect([code, stderr]).toEqual([0, expect.stringContaining('4 enriched')]);
    const found = resultLinesOf(stdout).results.toSorted((one, other) => one.index - other.index);
    expect(found.map(({ httpStatus }) => httpStatus)).toEqual([undefined, 404, undefined, 404]);
    expect(found[1]?.enrichedCase).toMatchObject({ enrichment: { error: 'unknown' } });
  });

  test('counts as success for every rule: all 404, and nothing stops the run', async () => {
    const { url } = await countingServer((_request, response) => answer(response, {}, 404));
    const args = ['enrich', '-', '--endpoint', url, '--accept-status', '404', '--max-failures', '1', '--adaptive'];
    const { code, stdout } = await runMain(args, { stdin: ndjsonCases(200) });
    const { summary } = reportOf(stdout);
    expect([code, summary.enriched, summary.retries, summary.latencyMs === null]).toEqual([0, 200, 0, false]);
  });

  test('goes for shared and batched calls too', async () => {
    const { url } = await countingServer((_request, response) => answer(response, {}, 404));
    const shared = ['enrich', '-', '--endpoint', `${url.replace('/{id}', '')}/one?x={kind}`, '--share-requests'];
    const input = { stdin: '{"id":"a","kind":"k"}\n{"id":"b","kind":"k"}\n{"id":"c","kind":"k"}\n' };
    const one = await runMain([...shared, '--accept-status', '404', '--limit', '1'], input);
    expect(reportOf(one.stdout).results.map(({ httpStatus }) => httpStatus)).toEqual([404, 404, 404]);
    const page: Respond = (_request, response) => response.writeHead(404).end('nothing here');
    const batch = ['enrich', '-', '--endpoint', (await countingServer(page)).url.replace('/{id}', ''), '--batch', '2'];
    const other = await runMain([...batch, '--accept-status', '404'], input);
    expect(reportOf(other.stdout).results.map(({ httpStatus }) => httpStatus)).toEqual([404, 404, 404]);
    expect(reportOf(other.stdout).results[0]?.enrichedCase).toMatchObject({ enrichment: null });
  });

  test('shows the status in the table', async () => {
    const { url } = await countingServer(halfKnown);
    const args = ['enrich', '-', '--endpoint', url, '--accept-status', '200,404', '--format', 'table'];
    const { stdout } = await runMain(args, { stdin: ndjsonCases(2) });
    expect(stdout).toMatch(/enriched \(404\)/);
  });
});

test('a 202 is no enrichment: exit 1, one call a case, and what to do about it', async () => {
  const { url, stats } = await countingServer(later);
  const { code, stdout, stderr } = await runMain(['enrich', '-', '--endpoint', url], { stdin: ndjsonCases(3) });
  const { results } = reportOf(stdout);
  expect([code, stats.requests.length]).toEqual([1, 3]);
  expect(results[0]?.error).toMatchObject({ kind: 'response', httpStatus: 202, retryable: true });
  expect(stderr).toContain('--poll asks again');
  expect(stderr).toContain('--accept-status 202');
});
