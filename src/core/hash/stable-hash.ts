/**
 * The hash that shards go by: FNV-1a (32 bits, offset 0x811c9dc5, prime 0x01000193) over the UTF-8 bytes, then
 * MurmurHash3's fmix32, because FNV's low bits alone are uneven. It never changes: shards of one run may be run by
 * different versions. A lone surrogate counts as U+FFFD.
 */
export function stableHash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) hash = fnvStep(hash, code);
    else hash = fnvCodePoint(hash, code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
  }
  return mix(hash);
}

function fnvStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

function fnvCodePoint(start: number, code: number): number {
  const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  const lead = more === 1 ? 0xc0 : more === 2 ? 0xe0 : 0xf0;
  let hash = fnvStep(start, lead | (code >> (6 * more)));
  for (let left = more - 1; left >= 0; left--) hash = fnvStep(hash, 0x80 | ((code >> (6 * left)) & 0x3f));
  return hash;
}

/** MurmurHash3's finalizer: every bit of the input changes every bit of the output. */
function mix(input: number): number {
  let hash = input;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
