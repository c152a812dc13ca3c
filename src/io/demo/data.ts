/** The enrichments that the demo endpoint serves. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { InputError } from '../../errors.js';
import { MAX_LEVELS } from '../../json/containers.js';
import { isDeeperThan } from '../../json/text.js';
import { readNamedFile, readProblem } from '../../named-file.js';
import { packageFile } from '../../package-file.js';

/** Enrichments by case id. */
export type DemoData = Readonly<Record<string, unknown>>;

/** The path of the sample enrichments in this package, from `src` and `dist` alike. */
export function demoDataPath(): string {
  return fileURLToPath(packageFile('data/enrichments.json'));
}

/**
 * Reads enrichments from a JSON file: an object keyed by case id, or an array of objects with an`id` each, which are
 * then the enrichments themselves. Rejects with an InputError.
 */
// oxlint-disable-next-line typescript/require-await -- an error is a rejection, as in every other function that reads files
export async function loadDemoData(file = demoDataPath(), cwd = '.'): Promise<DemoData> {
  const text = read(file, cwd);
  const value = parse(text, file);
  if (isDeeperThan(text, MAX_LEVELS)) throw new InputError(`${file} is nested deeper than 1,000 levels`);
  if (Array.isArray(value)) return byId(value, file);
  if (typeof value === 'object' && value !== null) return value as DemoData;
  throw new InputError(`${file} is neither a JSON object nor an array`, { hint: SHAPE });
}

/** The largest file that surely fits into one V8 string. */
const MOST_BYTES = 1 << 29;
const SHAPE = 'an object with an enrichment for each case id, or an array of objects with an "id"';

function read(file: string, cwd: string): string {
  try {
    const bytes = readNamedFile(resolve(cwd, file), MOST_BYTES);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(
      `cannot read ${file}: ${cause instanceof TypeError ? 'it is not UTF-8' : readProblem(cause)}`,
      { cause },
    );
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file} is not JSON: ${(cause as Error).message}`, { hint: SHAPE, cause });
  }
}

function byId(records: readonly unknown[], file: string): DemoData {
  const data = new Map<string, unknown>();
  for (const [index, record] of records.entries()) {
    const id = idOf(record);
    if (id === undefined) throw new InputError(`the element with index ${index} of ${file} has no id`, { hint: SHAPE });
    if (data.has(id))
      throw new InputError(`the id ${JSON.stringify(id)} is in ${file} twice (again at index ${index})`);
    data.set(id, record);
  }
  return Object.fromEntries(data);
}

/** The id of a record as text: a string trimmed, an integer in decimal digits; undefined when it has no id. */
export function idOf(record: unknown): string | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { id } = record as { readonly id?: unknown };
  if (Number.isInteger(id)) return String(id);
  return typeof id === 'string' && id.trim() !== '' ? id.trim() : undefined;
}
