/** Completes the merged settings: values that depend on each other, and contradictions. */

import { UsageError } from '../errors.js';
import { caseFormByEnding } from '../text/file-endings.js';
import { checkEnrich, checkReport } from './contradictions.js';
import { checkCollector, checkQueue, isQueueNamed } from './queue-contradictions.js';
import type { MergedSettings } from './merged.js';
import type { CommandName } from './settings/index.js';
import { separateLogins } from './table-urls.js';

export interface Surroundings {
  readonly configFile: string | undefined;
  readonly stdin: { readonly isTTY: boolean };
}

type Values = Record<string, unknown>;

const READS_FILES: ReadonlySet<CommandName> = new Set(['list', 'enrich', 'validate', 'enqueue']);

/** The values of a command under the names that its module knows. Throws a UsageError for a contradiction. */
export function completeValues(command: CommandName, merged: MergedSettings, around: Surroundings): Readonly<Values> {
  if (command === 'enrich') checkEnrich(merged);
  if (command === 'report') checkReport(merged);
  if (command === 'report') checkCollector(merged);
  if (command === 'enqueue' || command === 'queue') checkQueue(command, merged);
  const values: Values = {};
  for (const [key, { value, setting }] of merged) put(values, `${key}${setting.type.suffix}`, value);
  delete values['config'];
  delete values['unset'];
  if (values['output'] === '-') delete values['output'];
  separateLogins(command, values, merged);
  put(values, 'configFile', around.configFile);
  if ('idField' in values || 'fieldNames' in values) completeFieldNames(values);
  if ('fields' in values) dropEmptyFields(values);
  if (command === 'report' && !isQueueNamed(merged)) delete values['queue'];
  if (READS_FILES.has(command)) completeInputs(values, command, around, merged);
  if ('inputFormat' in values) checkSheet(values, merged);
  return values;
}

/** A worker takes its cases from the queue: files of the configuration are not for it. */
function completeInputs(values: Values, command: CommandName, around: Surroundings, merged: MergedSettings): void {
  if (command === 'enrich' && values['queue'] !== undefined) return void Object.assign(values, { files: [] });
  completeFiles(values, command, around);
  checkRoot(values, merged);
}

/** Refuses a `--root` flag that no input can use; a root in the configuration file is ignored until a JSON document is read. */
function checkRoot(values: Values, merged: MergedSettings): void {
  const forms = formsOf(values);
  if (!isFlag('root', merged) || forms.some((form) => form === undefined || form === 'json')) return;
  const which = forms.every((form) => form === 'ndjson') ? 'NDJSON has none' : 'no input is one';
  throw new UsageError(`--root is for JSON documents, and ${which}`, { hint: 'leave --root out' });
}

/** Refuses flags for spreadsheets where no input is read as one: its content is never taken for one. */
function checkSheet(values: Values, merged: MergedSettings): void {
  const flag = ['delimiter', 'encoding'].find((key) => isFlag(key, merged));
  if (flag === undefined || formsOf(values).some((form) => form === 'csv' || form === 'tsv')) return;
  throw new UsageError(`--${flag} is for CSV and TSV, and no input is read as one of these`, {
    hint: '--input-format csv reads any file as CSV',
  });
}

function isFlag(key: string, merged: MergedSettings): boolean {
  return merged.get(key)?.given[0]?.origin.from === 'flag';
}

/** The forms of the case files, as far as flags and names tell. */
function formsOf(values: Values): readonly (string | undefined)[] {
  const asked = values['inputFormat'] as string;
  const files = (values['expect'] ?? values['files']) as readonly string[];
  return files.map((file) => (asked === 'auto' ? caseFormByEnding(file) : asked));
}

function put(values: Values, name: string, value: unknown): void {
  if (value !== undefined) values[name] = value;
}

/** `fieldNames.id` and `--id-field` are one setting; the flag's own name counts first. */
function completeFieldNames(values: Values): void {
  const { id, ...others } = values['fieldNames'] as Record<string, string>;
  put(values, 'idField', values['idField'] ?? id);
  values['fieldNames'] = others;
}

function dropEmptyFields(values: Values): void {
  if ((values['fields'] as readonly string[]).length === 0) delete values['fields'];
}

function completeFiles(values: Values, command: string, { stdin }: Surroundings): void {
  if ((values['files'] as readonly string[]).length > 0) return;
  if (stdin.isTTY) {
    throw new UsageError('no case file given', {
      hint: `case-tracker ${command} cases.json, or pipe cases into case-tracker ${command} -`,
    });
  }
  values['files'] = ['-'];
}
