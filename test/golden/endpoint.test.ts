/** The messages for endpoints that are not what was meant: what stopped the run, or the group of failures, with its hint. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import { refusedUrl, serve } from '../helpers/fault-server.js';
import { type GoldenOptions, messageOf, runGolden } from '../helpers/golden.js';

const MANY = Array.from({ length: 120 }, (_, index) => `{"id":"${index}"}\n`).join('');
const files = { 'many.ndjson': MANY };

const enrichMany = (url: string, more: readonly string[] = [], options: GoldenOptions = {}) =>
  runGolden(['enrich', 'many.ndjson', '--endpoint', url, '--backoff', '1ms', ...more], { files, ...options });

/** The endpoint's origin and the numbers that depend on the moment, as names. */
const masked = (text: string, url: string): string =>
  text.replaceAll(url, 'URL').replace(/\d+ of the first \d+ cases/, 'N of the first N cases');

describe('what ends the run', () => {
  test('nobody listens', async () => {
    const url = await refusedUrl();
    const { code, stderr, stdout } = await enrichMany(url);
    expect(masked(messageOf(stderr), url))
      .toBe(`error: cannot connect to URL (ECONNREFUSED): N of the first N cases failed
  hint: is the server running? --endpoint demo uses the built-in one; --max-failures none goes on
        regardless
`);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ run: { stoppedBy: 'all-failing' } });
  });

  test('a few cases against nobody are explained the same way', async () => {
    const url = await refusedUrl();
    const { code, stderr } = await enrichMany(url, ['--first', '12']);
    expect(stderr).toContain('→ is the server running? --endpoint demo uses the built-in one\n');
    expect(stderr).not.toContain('Next');
    expect(code).toBe(1);
  });

  test('401: the header that was sent and the file that gave it, without its value', async () => {
    const { url } = await serve((_, response) => response.writeHead(401).end('{"error":"token expired"}'));
    const config = `{"endpoint":"${url}/cases","headers":{"X-Api-Key":"\${CASE_TRACKER_API_KEY}"}}`;
    const { code, stderr } = await runGolden(['enrich', 'many.ndjson'], {
      files: { ...files, 'case-tracker.config.json': config },
      env: { CASE_TRACKER_API_KEY: 'c4n4ry-c4n4ry' },
    });
    expect(masked(messageOf(stderr), url)).toBe(`error: URL answers 401 Unauthorized: N of the first N cases failed
  hint: sent X-Api-Key: *** from case-tracker.config.json; is it right, and still valid?
        --max-failures none goes on regardless
`);
    expect(stderr).not.toContain('c4n4ry');
    expect(code).toBe(4);
  });

  test('401 without credentials', async () => {
    const { url } = await serve((_, response) => response.writeHead(401).end());
    const { stderr } = await enrichMany(url);
    expect(masked(messageOf(stderr), url)).toBe(`error: URL answers 401 Unauthorized: N of the first N cases failed
  hint: no header with credentials was sent: --header @FILE reads one from a file; --max-failures
        none goes on regardless
`);
  });

  test('the endpoint asks to come back later than one wants to wait', async () => {
    const { url } = await serve((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    const { code, stderr } = await enrichMany(url);
    expect(
      messageOf(stderr)
        .replace(url, 'URL')
        .replace(/at \d{4}-\S+/, 'at TIME'),
    ).toBe(`error: URL asks to come back at TIME in 1h 00m, longer than
       --max-retry-after 1m 00s
  hint: run again after that
`);
    expect(code).toBe(4);
  });

  test('with --log-format json it stands in the summary line', async () => {
    const url = await refusedUrl();
    const { stderr } = await enrichMany(url, ['--log-format', 'json']);
    const { stopped, exitCode } = JSON.parse(stderr) as { stopped: { message: string }; exitCode: number };
    expect(masked(stopped.message, url)).toBe('cannot connect to URL (ECONNREFUSED): N of the first N cases failed');
    expect(exitCode).toBe(4);
  });
});

describe('what the failures have in common', () => {
  const FIRST = ['--first', '3'];

  test('a page instead of JSON', async () => {
    const { url } = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>'),
    );
    const { code, stderr } = await enrichMany(url, FIRST);
    expect(messageOf(stderr)).toBe(`Failures
  3  response      the answer is HTML, not JSON (a log-in page?)
                   0, 1, 2
                   "Sign in"
                   → check the path, and whether credentials are missing
`);
    expect(code).toBe(1);
  });

  test('an http endpoint that redirects to https', async () => {
    const { url, port } = await serve((request, response) => {
      response.writeHead(301, { location: `https://127.0.0.1:${port}${request.url ?? ''}` }).end();
    });
    const { code, stderr } = await enrichMany(`${url}/cases`, FIRST);
    expect(messageOf(stderr).replaceAll(`127.0.0.1:${port}`, 'HOST')).toContain(
      "→ use https: --endpoint 'https://HOST/cases/{id}'\n",
    );
    expect(code).toBe(1);
  });

  test('a certificate that nobody knows: who issued it, and how to trust it', async () => {
    const port = await untrustedServer();
    const { code, stderr } = await enrichMany(`https://127.0.0.1:${port}`, FIRST);
    expect(messageOf(stderr)).toBe(`Failures
  3  network DEPTH_ZERO_SELF_SIGNED_CERT  the certificate of 127.0.0.1, issued by Test Authority, is
                                          not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)
                                          0, 1, 2
                                          → if you trust its issuer, name the issuer's certificate:
                                            --ca FILE.pem
`);
    expect(code).toBe(1);
  });

  test('plain http behind https://', async () => {
    const { port } = await serve((_, response) => response.end('{}'));
    const { stderr } = await enrichMany(`https://127.0.0.1:${port}`, [...FIRST, '--retries', '0']);
    expect(stderr).toContain('→ http:// instead of https://?\n');
  });
});

async function untrustedServer(): Promise<number> {
  const pem = (name: string): Buffer => readFileSync(new URL(`../io/http/tls/${name}.pem`, import.meta.url));
  const server = createServer({ key: pem('key'), cert: pem('cert') }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}
