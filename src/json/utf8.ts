/** UTF-8 that arrives in pieces. */

/** The length of the byte order mark that a file begins with: 3, or 0. */
export function markLength(start: Uint8Array): number {
  return start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0;
}

/** How many bytes at the end are the beginning of a UTF-8 character that goes on in the next piece: 0 to 3. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** The offset of the first byte that is not UTF-8, or -1. */
export function firstBadByte(bytes: Buffer): number {
  const text = bytes.toString();
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    // U+FFFD stands for bad bytes, unless it is really there.
    if (bytes.toString('hex', offset, offset + 3) !== 'efbfbd') return offset;
    offset += 3;
    from = at + 1;
  }
  return -1;
}

/** Recognises UTF-16 by its byte order mark, or by a NUL byte, which every ASCII character has in it. */
export function isUtf16(start: Uint8Array): boolean {
  const [first, second] = start;
  return hasUtf16Mark(start) || (second !== undefined && (first === 0) !== (second === 0));
}

/** True for the byte order mark of UTF-16, of either byte order. */
export function hasUtf16Mark([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
