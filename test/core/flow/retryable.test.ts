import { expect, test } from 'vitest';
import { PROXY_REFUSED, isRetryable, type FailureFacts } from '../../../src/core/flow/retryable.js';

const rows: [string, FailureFacts, boolean][] = [
  ['a timeout', { kind: 'timeout' }, true],
  ['a cancelled call', { kind: 'cancelled' }, true],
  ['a bad answer', { kind: 'response' }, false],
  ['a bad case', { kind: 'case' }, false],
  ['a refused connection', { kind: 'network', code: 'ECONNREFUSED' }, true],
  ['a name that is not found', { kind: 'network', code: 'ENOTFOUND' }, true],
  ['a network failure without a code', { kind: 'network' }, true],
  ['a self-signed certificate', { kind: 'network', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, false],
  ['an expired certificate', { kind: 'network', code: 'CERT_HAS_EXPIRED' }, false],
  ['a certificate for another name', { kind: 'network', code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, false],
  ['an unknown issuer', { kind: 'network', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, false],
  [
    'a client certificate that is wanted',
    { kind: 'network', code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' },
    false,
  ],
  ['a proxy that refuses', { kind: 'network', code: PROXY_REFUSED }, false],
  ['403', { kind: 'http', httpStatus: 403 }, false],
  ['403 with a wait', { kind: 'http', httpStatus: 403, asked: true }, true],
  ['404 with a wait', { kind: 'http', httpStatus: 404, asked: true }, false],
  ['no status', { kind: 'http' }, false],
];

test.each(rows)('%s', (_what, facts, expected) => {
  expect(isRetryable(facts)).toBe(expected);
});

test('exactly these statuses are retried', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => index + 100);
  const retried = statuses.filter((httpStatus) => isRetryable({ kind: 'http', httpStatus }));
  expect(retried).toEqual([408, 425, 429, 500, 502, 503, 504, 521, 522, 524]);
});
