import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Failure } from '../../src/core/case.js';
import { ndjsonCases, runBinary } from '../helpers/binary.js';
import { answer, countingServer, idOf } from '../helpers/counting-server.js';
import { refusedUrl, serveRaw } from '../helpers/fault-server.js';
import { reportOf } from '../helpers/results.js';

type Behaviour = (response: ServerResponse, request: IncomingMessage) => unknown;

const html = '<!doctype html><title>Sign in</title>';
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));

/** What the endpoint does for a case, and the failure that it leads to; `null` for an enrichment all the same. */
const BEHAVIOURS: Record<string, [behave: Behaviour, failure: Partial<Failure> | null]> = {
  'connection reset': [(response) => response.socket?.resetAndDestroy(), { kind: 'network', code: 'ECONNRESET' }],
  'connection closed': [(response) => response.socket?.end(), { kind: 'network', code: 'ECONNRESET' }],
  'cut-off body': [
    (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"a":');
      setImmediate(() => response.socket?.destroy());
    },
    { kind: 'network', code: 'ECONNRESET' },
  ],
  'no answer ever': [() => {}, { kind: 'timeout', phase: 'response', retryable: true }],
  'headers and then nothing': [
    (response) => response.writeHead(200, { 'content-length': 10 }).flushHeaders(),
    { kind: 'timeout', phase: 'body' },
  ],
  'a byte at a time': [
    (response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(timer));
    },
    { kind: 'timeout', phase: 'body' },
  ],
  'a 304 with the length of a body': [
    (response) => response.socket?.write('HTTP/1.1 304 Not Modified\r\ncontent-length: 13\r\n\r\n'),
    { kind: 'http', httpStatus: 304 },
  ],
  'status 000': [
    (response) => response.socket?.write('HTTP/1.1 000 Odd\r\ncontent-length: 0\r\n\r\n'),
    { kind: 'response', message: 'the answer is not valid HTTP: its status is 000' },
  ],
  '100 Continue that nobody asked for': [
    (response) => {
      response.writeContinue();
      response.end('{}');
    },
    null,
  ],
  html: [
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html),
    { kind: 'response', httpStatus: 200, body: html, retryable: false },
  ],
  'html as JSON': [(response) => response.end(html), { kind: 'response' }],
  'gzip bomb': [
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    { kind: 'response', message: expect.stringContaining('--max-response-size') as unknown as string },
  ],
  'gzip that is none': [
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"ok":true}'),
    { kind: 'response' },
  ],
  'too large': [(response) => response.end(`"${'x'.repeat(1024 * 1024)}"`), { kind: 'response' }],
  'too deep': [
    (response) => response.end(`${'['.repeat(2_000)}${']'.repeat(2_000)}`),
    { kind: 'response', retryable: false },
  ],
  'no UTF-8': [(response) => response.end(Buffer.from('{"a":"\xff"}', 'latin1')), { kind: 'response' }],
  'no content': [(response) => response.writeHead(204).end(), null],
  'empty body': [(response) => response.end(), null],
  garbage: [(response) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'), { kind: 'response' }],
  'redirect elsewhere': [
    (response) => response.writeHead(302, { location: 'http://localhost:1/stolen' }).end(),
    { kind: 'response', httpStatus: 302, message: expect.stringContaining('http://localhost:1') as unknown as string },
  ],
  'redirect to itself': [
    (response, request) => response.writeHead(302, { location: request.url }).end(),
    { kind: 'response' },
  ],
  'redirect without a place': [(response) => response.writeHead(302).end(), { kind: 'http', httpStatus: 302 }],
  'redirect within': [(response) => response.writeHead(302, { location: '/cases/fine?x=1' }).end(), null],
  '400': [(response) => answer(response, { why: 'no' }, 400), { kind: 'http', httpStatus: 400, body: '{"why":"no"}' }],
  '503': [(response) => response.writeHead(503).end(), { kind: 'http', httpStatus: 503, retryable: true }],
  'odd status': [(response) => response.writeHead(599, 'Odd\u00e9').end(), { kind: 'http', httpStatus: 599 }],
};

test('whatever the endpoint does to a case is that case’s own failure, and the cases beside it are enriched', async () => {
  const server = await countingServer((request, response) => {
    const behaviour = BEHAVIOURS[idOf(request)]?.[0];
    if (behaviour) behaviour(response, request);
    else answer(response, { for: idOf(request) });
  });
  const kinds = Object.keys(BEHAVIOURS);
  const ids = kinds.flatMap((kind, n) => [`good-${n}`, kind]);
  const stdin = ids.map((id) => `${JSON.stringify({ id })}\n`).join('');
  const args = ['enrich', '-', '--endpoint', `${server.url}/cases/{id}`, '--timeout', '500ms', '--retries', '0'];
  const { code, stdout, stderr } = await runBinary([...args, '--limit', '5'], { stdin });

  const { results, summary } = reportOf(stdout);
  expect(results.map(({ caseId }) => caseId)).toEqual(ids);
  for (const { caseId, status, error, enrichedCase, attempts } of results) {
    const expected = BEHAVIOURS[caseId ?? '']?.[1];
    const enrichment = caseId?.startsWith('good') ? { for: caseId } : expect.anything();
    if (expected)
      expect([caseId, status, attempts, error]).toEqual([caseId, 'failed', 1, expect.objectContaining(expected)]);
    else expect([caseId, status]).toEqual([caseId, 'enriched']);
    if (caseId?.startsWith('good')) expect(enrichedCase).toEqual({ id: caseId, enrichment });
  }
  expect(results.find(({ caseId }) => caseId === 'no content')?.enrichedCase).toEqual({
    id: 'no content',
    enrichment: null,
  });
  const failed = Object.values(BEHAVIOURS).filter(([, failure]) => failure !== null).length;
  expect([code, summary.failed, summary.maxInFlight]).toEqual([1, failed, 5]);
  expect(server.stats.requests.some((request) => request.includes('stolen'))).toBe(false);
  expect(stderr).toContain(`${failed} of ${ids.length} cases were not enriched`);
});

test('an endpoint that refuses connections stops the run after 50 cases and says what to do', async () => {
  const url = await refusedUrl();
  const args = ['enrich', '-', '--endpoint', url, '--backoff', '1ms', '--limit', '1'];
  const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(200) });
  const { run, summary, results } = reportOf(stdout);
  expect([code, run.stoppedBy, summary.failed, run.complete]).toEqual([4, 'all-failing', 50, false]);
  expect(results[0]?.error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', retryable: true });
  expect(stderr).toMatch(
    /^error: cannot connect to http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\): 50 of the first 50 cases/m,
  );
});

test('an endpoint that sends answers twice: no case gets that of another, and a notice says so', async () => {
  const { url } = await serveRaw((socket, request) => {
    const body = JSON.stringify({ for: /GET \/(\S+)/.exec(request)?.[1] });
    const answerBytes = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    socket.write(answerBytes + answerBytes);
  });
  const args = ['enrich', '-', '--endpoint', url, '--limit', '1'];
  const { code, stdout, stderr } = await runBinary(args, { stdin: ndjsonCases(20) });
  const { results } = reportOf(stdout);
  expect(results.map((result) => (result.enrichedCase as Enriched | null)?.enrichment.for)).toEqual(
    results.map((result) => result.caseId),
  );
  expect([code, stderr.split('sent an answer out of turn')]).toEqual([0, [expect.anything(), expect.anything()]]);
});

interface Enriched {
  readonly enrichment: { readonly for: string };
}
