/** Which failures are worth another attempt: the table of kinds, statuses and codes, apart from how they come about. */

import type { FailureKind } from '../case.js';

/** The code of a proxy that refuses us (status 407, or a refused CONNECT). */
export const PROXY_REFUSED = 'PROXY_REFUSED';

const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 521, 522, 524]);

// What OpenSSL and Node call a certificate that does not verify; the others have CERT in their name.
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_GET_CRL',
  'CRL_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

// The endpoint's alerts about the client's certificate, or the want of one, whose name does not say so.
const CLIENT_ALERT = /_ALERT_(?:HANDSHAKE_FAILURE|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/;

/** What is known of a failure when it is judged. */
export interface FailureFacts {
  readonly kind: FailureKind;
  readonly httpStatus?: number | undefined;
  readonly code?: string | undefined;
  /** Whether the endpoint said how long to wait. */
  readonly asked?: boolean;
}

/** True when the same request may well succeed later. Whether there is time and budget for it is decided elsewhere. */
export function isRetryable(facts: FailureFacts): boolean {
  switch (facts.kind) {
    case 'timeout':
    case 'cancelled':
      return true;
    case 'network':
      return facts.code === undefined || !(facts.code === PROXY_REFUSED || isCertificateCode(facts.code));
    case 'http':
      return RETRYABLE_STATUSES.has(facts.httpStatus ?? 0) || (facts.httpStatus === 403 && facts.asked === true);
    case 'response':
    case 'case':
      return false;
  }
}

/** True for the codes of a certificate that was not accepted, theirs or ours. */
export function isCertificateCode(code: string): boolean {
  return code.includes('CERT') || CERTIFICATE_CODES.has(code) || CLIENT_ALERT.test(code);
}
