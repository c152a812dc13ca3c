/** The token that others must know who want to look at a run, or hand in cases: a secret that a user makes up. */

import { accept, type Parsed, refuse } from './parse-values.js';

const SHORTEST = 16;
const LONGEST = 512;
// What needs no escaping in a URL, a header and the name of a WebSocket's subprotocol.
const PLAIN = /^[\w.~-]+$/;
const TAKES = `${SHORTEST} to ${LONGEST} letters, digits and - . _ ~; openssl rand -hex 32 makes one`;

/** A token that is long enough not to be guessed, and that can be sent in every way. White space around it is dropped. */
export function parseAccessToken(text: string): Parsed<string> {
  const token = text.trim();
  if (token === '') return refuse('is empty', { takes: TAKES });
  if (!PLAIN.test(token)) return refuse('has characters that a token may not have', { takes: TAKES });
  if (token.length < SHORTEST) return refuse('is too short: it could be guessed', { takes: TAKES });
  if (token.length > LONGEST) return refuse('is too long', { takes: TAKES });
  return accept(token);
}
