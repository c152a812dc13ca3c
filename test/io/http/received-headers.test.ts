import { expect, test } from 'vitest';
import { ReceivedHeaders } from '../../../src/io/http/received-headers.js';

function received(...lines: string[]): ReceivedHeaders {
  return new ReceivedHeaders(lines.flatMap((line) => line.split(': ')).map((text) => Buffer.from(text)));
}

const NGINX = ['Server: nginx', 'Date: Tue, 24 Nov 2026', 'Content-Type: text/html', 'Connection: keep-alive'];

test('a header is found whatever its case, and nothing where there is none', () => {
  const headers = received(...NGINX, 'X-REQUEST-ID: 7', 'content-Encoding: gzip');
  expect(headers.get('x-request-id')).toBe('7');
  expect(headers.get('content-encoding')).toBe('gzip');
  expect(received(...NGINX).get('x-request-id')).toBeUndefined();
  expect(received().get('content-encoding')).toBeUndefined();
});

test('a name of the same length and first letter is not taken for it', () => {
  expect(received('content-length: 3').get('content-robots')).toBeUndefined();
  expect(received('x-request-ix: 3').get('x-request-id')).toBeUndefined();
});

test('a header that comes twice has both values, first asked for by name or all together', () => {
  const lines = ['retry-after: 1', 'Retry-After: 2'];
  expect(received(...lines).get('retry-after')).toEqual(['1', '2']);
  expect(received(...lines).all).toEqual({ 'retry-after': ['1', '2'] });
});
