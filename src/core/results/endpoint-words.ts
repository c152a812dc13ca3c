/** What an endpoint says about a failure in its own words, from the beginning of its answer. */

import { clip } from '../../text/clip.js';

const LONGEST = 160;
// The beginning that is looked at. Answers are cut to 512 bytes; a file of results may have anything.
const MOST_LOOKED_AT = 4096;
// In this order: the member that explains most comes first.
const MEMBERS = ['message', 'error_description', 'detail', 'error', 'title', 'reason', 'errors'] as const;
const CUT_OFF_MEMBER = /"(?:message|error_description|detail|error|title|reason)"\s*:\s*"((?:[^"\\]|\\.)*)/;
const HTML = /^\s*<(?:!doctype\s+html|html|head|body)\b/i;

/**
 * A short excerpt: the message of a JSON body (cut off or not), the title of an HTML page, else the first line of
 * text. At most 160 characters, raw: not yet made printable. Undefined when there are no words.
 */
export function endpointWords(body: string | undefined): string | undefined {
  if (body === undefined) return undefined;
  return wordsOf(body.slice(0, MOST_LOOKED_AT));
}

function wordsOf(body: string): string | undefined {
  const words = /^\s*[[{"]/.test(body) ? jsonWords(body) : isHtml(body) ? htmlTitle(body) : firstLine(body);
  const short = clip(words?.replace(/\s+/g, ' ').trim() ?? '', LONGEST);
  return short === '' ? undefined : short;
}

/** True for a body that begins like a web page. */
export function isHtml(body: string | undefined): boolean {
  return body !== undefined && HTML.test(body);
}

function jsonWords(body: string): string | undefined {
  try {
    return wordsIn(JSON.parse(body), 3) ?? body;
  } catch {
    return cutOffWords(body) ?? firstLine(body);
  }
}

function wordsIn(value: unknown, levels: number): string | undefined {
  if (typeof value === 'string') return value;
  if (levels === 0 || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return wordsIn(value[0], levels - 1);
  for (const member of MEMBERS) {
    const words = wordsIn((value as Record<string, unknown>)[member], levels - 1);
    if (words !== undefined) return words;
  }
  return undefined;
}

function cutOffWords(body: string): string | undefined {
  const quoted = CUT_OFF_MEMBER.exec(body)?.[1];
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return quoted;
  }
}

function htmlTitle(body: string): string {
  return /<title[^<>]*>([^<]*)/i.exec(body)?.[1] ?? 'an HTML page';
}

function firstLine(body: string): string | undefined {
  return body.split(/[\r\n]+/).find((line) => line.trim() !== '');
}
