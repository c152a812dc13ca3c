/** The token of a server to which the user has given none. */

import { randomBytes } from 'node:crypto';

const BYTES = 24;

/** 192 random bits in 32 letters, digits, `-` and `_`; another one at every call. */
export function newToken(): string {
  return randomBytes(BYTES).toString('base64url');
}
