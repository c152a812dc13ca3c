/** Where a scanner of JSON stands, and what it finds wrong there. */

import { formatCount } from '../text/format.js';
import { isSpace, LINE_FEED } from './bytes.js';

/** Where reading stands: the offset in the file of the piece that is being read, and the line (from 1). */
export interface Position {
  base: number;
  line: number;
}

/** A fault in a JSON document, at a byte offset (from 0) and line (from 1). The message is a phrase. */
export class JsonProblem extends Error {
  readonly offset: number;
  readonly line: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, line: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.line = line;
    this.hint = hint;
  }
}

/** A place in a file for people: `byte 1,234, line 5`. */
export function placeInFile(offset: number, line: number): string {
  return `byte ${formatCount(offset)}, line ${formatCount(line)}`;
}

/** Throws the JsonProblem of a fault at an offset in the piece that is being read. */
export function fail(message: string, { base, line }: Position, at: number): never {
  throw new JsonProblem(message, base + at, line);
}

/** The offset of the first byte that is not white space; counts the lines before it. */
export function skipSpace(bytes: Uint8Array, position: Position): number {
  let at = 0;
  for (; at < bytes.length && isSpace(bytes[at] as number); at++) if (bytes[at] === LINE_FEED) position.line++;
  return at;
}
