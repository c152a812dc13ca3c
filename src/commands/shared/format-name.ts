/** The formats of `report` by name, and which one the ending of an output asks for. */

import type { Resolved } from '../../config/resolved.js';

export type FormatName = Exclude<Resolved<'report'>['values']['format'], 'auto'>;

/** The format that a file's name tells; undefined when it tells none. */
export function formatByEnding(path = ''): FormatName | undefined {
  return BY_ENDING.get(/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '');
}

const BY_ENDING: ReadonlyMap<string, FormatName> = new Map([
  ['json', 'json'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['html', 'html'],
  ['htm', 'html'],
  ['xml', 'junit'],
  ['md', 'markdown'],
]);
