/** Texts that would do harm on a terminal, as cases and answers may have them, and what finds them again. */

import { serveRaw } from './fault-server.js';

/** Controls of every kind: C0, DEL, C1, terminal commands, bidirectional and invisible characters, line separators. */
export const HOSTILE =
  '\u001b]0;owned\u0007\u001b[2J\u001b[5;7m\u001b[31;1m\u009b3J\u009d0;x\u009c\r\u0000\b\u007f\u0085\u202egpj\u202c\u2066\u200b\u2028\u2029\u00ad\ufeff\u{e0041}';
/** The same without what JSON text can't have in itself: as raw as a file may be. */
export const RAW_IN_JSON =
  '\u007f\u009b3J\u009d0;x\u009c\u0085\u202egpj\u202c\u2066\u200b\u2028\u2029\u00ad\ufeff\u{e0041}';

/** What acts on a terminal, hides or reorders text; line breaks and variation selectors are fine. */
const ACTIVE =
  /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
// What the program itself says to a terminal: its few colours, and going up over its live lines.
// oxlint-disable-next-line no-control-regex
const OWN = /\u001b\[(?:0|1|2|31|32|33|36)m|\r?\u001b\[\d{1,2}A\u001b\[J/g;

/** Every character in a text that is neither harmless nor one that the program itself says to a terminal. */
export const activeIn = (text: string): string[] =>
  [...text.replaceAll('\r\n', '\n').replace(OWN, '').matchAll(ACTIVE)].map(([found]) => JSON.stringify(found));

/** Cases whose id, title and every field are hostile, escaped and raw. */
export function hostileCases(): string {
  const escaped = { id: `one${HOSTILE}`, title: HOSTILE, status: HOSTILE, assignee: HOSTILE, [HOSTILE]: HOSTILE };
  const raw = `{"id":"two${RAW_IN_JSON}","title":"${RAW_IN_JSON}","status":"${RAW_IN_JSON}","tags":["${RAW_IN_JSON}"]}`;
  const invalid = `{"id":7.5,"title":"${RAW_IN_JSON}"}`;
  const rest = Array.from({ length: 6 }, (_, index) => JSON.stringify({ id: `${index}${HOSTILE}` }));
  return [JSON.stringify(escaped), raw, invalid, ...rest].map((line) => `${line}\n`).join('');
}

/** Answers in turn with hostile reason phrases, headers, bodies of every kind, and a hostile enrichment. */
export async function hostileEndpoint(): Promise<string> {
  const json = JSON.stringify({ message: HOSTILE, [HOSTILE]: HOSTILE });
  const body = (status: string, type: string, text: string): string =>
    `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`;
  const answers = [
    body(`422 No\u001b]0;owned\u0007 \u009b2J`, 'application/json', json),
    body(`500 \u001b[2JNo\u202e`, 'text/plain', `${HOSTILE}\n${HOSTILE}`),
    body('200 OK', 'application/json', json),
    body('404 No', 'text/html', `<title>${HOSTILE}</title>`),
    body('200 OK', `text/html; ${RAW_IN_JSON}`, `<html>${HOSTILE}`),
    body('200 OK', 'application/json', `{"raw":"${RAW_IN_JSON}"}`),
    `HTTP/1.1 302 Found\r\nlocation: http://\u001b[2J\u009b.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    `HTTP/1.1 200 \r\nx\u001b[2J: \r\n\r\n`,
  ];
  let next = 0;
  const { url } = await serveRaw((socket) => socket.end(Buffer.from(answers[next++ % answers.length] ?? '', 'utf8')));
  return url;
}
