import type { Place } from './case.js';

/** Where a record stands, for people: `cases.ndjson:77`, `cases.json[411]`. */
export function placeText({ file, line, index }: Place): string {
  if (line !== undefined) return `${file}:${line}`;
  return index === undefined ? file : `${file}[${index}]`;
}
