/** Settings of `enrich` that contradict each other, and the one that is always needed. */

import { UsageError } from '../errors.js';
import { nameAt, shellWord } from './origin.js';
import { durationText } from './parse-values.js';
import { defaultOf, type Merged } from './merge.js';
import { KNOWN_FIELDS } from './settings-cases.js';
import { flagName, LEVELS } from './settings.js';

type Settings = ReadonlyMap<string, Merged>;
type Check = (settings: Settings) => void;

/** True for an output file that is a journal: a later run can resume from it. */
export function isJournal(output: string): boolean {
  return /\.(ndjson|jsonl)$/i.test(output);
}

/** Throws a UsageError for the first contradiction. Of two that exclude each other the one from the higher source wins. */
export function checkEnrich(settings: Settings): void {
  for (const check of CHECKS) check(settings);
}

const CHECKS: readonly Check[] = [
  needEndpoint,
  resumeOrOverwrite,
  failFastOrMaxFailures,
  needJournal,
  onlyWithResume,
  noOtherFormInJournal,
  noInputOrderInJournal,
  intoNewField,
  batchPosts,
  bodyNeedsMethod,
  batchKeyNeedsBatch,
  shareOnlyGets,
  backoffWithinItsMaximum,
];

function needEndpoint(settings: Settings): void {
  if (isGiven(settings, 'endpoint')) return;
  const file = (valueOf(settings, 'files') as readonly string[])[0] ?? 'cases.json';
  throw new UsageError('no endpoint given', {
    hint:
      `case-tracker enrich ${shellWord(file)} --endpoint 'https://api.example.com/cases/{id}'\n` +
      'or "endpoint" in case-tracker.config.json, or CASE_TRACKER_ENDPOINT; to try it out: --endpoint demo',
  });
}

function resumeOrOverwrite(settings: Settings): void {
  if (!valueOf(settings, 'resume') || !valueOf(settings, 'overwrite')) return;
  if (yieldToHigher(settings, 'resume', 'overwrite')) return;
  refuse(
    `${at(settings, 'resume')} goes on from a journal, ${at(settings, 'overwrite')} discards it`,
    'give one of them',
  );
}

function failFastOrMaxFailures(settings: Settings): void {
  if (valueOf(settings, 'onFailure') !== 'fail-fast' || !isGiven(settings, 'maxFailures')) return;
  if (yieldToHigher(settings, 'onFailure', 'maxFailures')) return;
  refuse(
    `${at(settings, 'onFailure')} fail-fast ends at the first failure, ${at(settings, 'maxFailures')} at a later one`,
    'give one of them',
  );
}

function needJournal(settings: Settings): void {
  const key = ['resume', 'overwrite'].find((name) => valueOf(settings, name));
  if (key === undefined) return;
  const output = outputOf(settings);
  if (output === undefined) return refuse(`${at(settings, key)} needs the output of the earlier run`, '-o run.ndjson');
  if (key === 'resume' && !isJournal(output)) {
    const journal = `${output.replace(/\.[^./\\]*$/, '')}.ndjson`;
    refuse(`${at(settings, key)} needs a journal, and ${output} is none`, `-o ${shellWord(journal)}`);
  }
}

function onlyWithResume(settings: Settings): void {
  if (!isGiven(settings, 'only') || valueOf(settings, 'resume')) return;
  refuse(`${at(settings, 'only')} needs --resume`, '--resume -o run.ndjson, where the results of the earlier run are');
}

function noOtherFormInJournal(settings: Settings): void {
  const output = outputOf(settings);
  const format = valueOf(settings, 'format') as string;
  if (output === undefined || !isJournal(output) || format === 'auto' || format === 'ndjson') return;
  refuse(
    `${output} is a journal, which is always NDJSON, not ${format}`,
    `-o results.${format === 'json' ? 'json' : 'txt'}`,
  );
}

function noInputOrderInJournal(settings: Settings): void {
  const output = outputOf(settings);
  if (valueOf(settings, 'order') !== 'input' || output === undefined || !isJournal(output)) return;
  refuse(
    `${at(settings, 'order')} input: a journal is always in completion order, and ${output} is one`,
    'each result has its index; -o results.json is in input order',
  );
}

function intoNewField(settings: Settings): void {
  const into = valueOf(settings, 'into') as string;
  const names = Object.values(valueOf(settings, 'fieldNames') as Readonly<Record<string, string>>);
  if (![...KNOWN_FIELDS, ...names, valueOf(settings, 'idField')].includes(into)) return;
  refuse(`${at(settings, 'into')} ${into} would replace a field that the case needs`, '--into enrichment');
}

/** A batch is a POST: without a method it makes one of the run. */
function batchPosts(settings: Settings): void {
  const method = settings.get('method');
  if (!isGiven(settings, 'batch') || method === undefined) return;
  const batch = at(settings, 'batch');
  if (isGiven(settings, 'body'))
    refuse(`${batch} sends an array of cases, not ${at(settings, 'body')}`, 'give one of them');
  if (isGiven(settings, 'method') && method.value !== 'POST') {
    refuse(`${batch} sends POST, not ${String(method.value)}`, '--method POST');
  }
  method.value = 'POST';
  method.shown = `POST (${batch})`;
}

function bodyNeedsMethod(settings: Settings): void {
  const method = valueOf(settings, 'method') as string;
  if (!isGiven(settings, 'body') || ['POST', 'PUT', 'PATCH'].includes(method)) return;
  refuse(`${at(settings, 'body')} is not sent with ${method}`, '--method POST (or PUT, PATCH)');
}

function batchKeyNeedsBatch(settings: Settings): void {
  if (!isGiven(settings, 'batchKey') || isGiven(settings, 'batch')) return;
  refuse(`${at(settings, 'batchKey')} needs --batch`, '--batch 50 sends up to 50 cases in a call');
}

function shareOnlyGets(settings: Settings): void {
  const method = valueOf(settings, 'method') as string;
  if (!valueOf(settings, 'shareRequests') || method === 'GET') return;
  refuse(`${at(settings, 'shareRequests')} shares GETs, not ${method}`, `leave one of them out`);
}

function backoffWithinItsMaximum(settings: Settings): void {
  const [first, longest] = [Number(valueOf(settings, 'backoff')), Number(valueOf(settings, 'maxBackoff'))];
  if (!isGiven(settings, 'backoff') || first <= longest) return;
  refuse(
    `${at(settings, 'backoff')} ${durationText(first)} is longer than ${at(settings, 'maxBackoff')} ${durationText(longest)}`,
    `--max-backoff ${durationText(first)}`,
  );
}

/** Resets the one from the lower source to its default; false when both come from the same source. */
function yieldToHigher(settings: Settings, one: string, other: string): boolean {
  const rank = (key: string): number => LEVELS.indexOf(settings.get(key)?.given[0]?.origin.from ?? 'file');
  if (rank(one) === rank(other)) return false;
  const lower = settings.get(rank(one) > rank(other) ? one : other);
  if (lower === undefined) return false;
  lower.value = defaultOf(lower.setting);
  lower.given = [];
  return true;
}

function valueOf(settings: Settings, key: string): unknown {
  return settings.get(key)?.value;
}

function isGiven(settings: Settings, key: string): boolean {
  return (settings.get(key)?.given.length ?? 0) > 0;
}

function outputOf(settings: Settings): string | undefined {
  const output = valueOf(settings, 'output') as string | undefined;
  return output === '-' ? undefined : output;
}

/** How the user wrote the setting, else its flag. */
function at(settings: Settings, key: string): string {
  const one = settings.get(key);
  const origin = one?.given[0]?.origin;
  if (origin !== undefined) return nameAt(origin);
  return `--${(one && flagName(key, one.setting)) ?? key}`;
}

function refuse(message: string, hint: string): never {
  throw new UsageError(message, { hint });
}
