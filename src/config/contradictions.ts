/** Settings of `enrich` that contradict each other, and the one that is always needed. */

import { namesLater, type StatusRange } from '../core/flow/accepted-statuses.js';
import { UsageError } from '../errors.js';
import { checkCertificates } from './certificate-checks.js';
import { checkCredentials } from './credential-checks.js';
import { checkLive } from './live-checks.js';
import { isGiven, type MergedSettings as Settings, valueOf, writtenName as at } from './merged.js';
import { checkHooks } from './notify-checks.js';
import { isSheetForm } from '../text/csv.js';
import { formatByEnding, isGzipName, isJournalName, tellsForm, withEnding } from '../text/file-endings.js';
import { isTableUrl } from '../text/table-url.js';
import { fileArgument } from '../text/file-arguments.js';
import { commandLine, shellQuote } from '../text/shell.js';
import { inputFlags, provenances } from './provenance.js';
import { durationText } from './parse-values.js';
import { checkWorker } from './queue-contradictions.js';
import { KNOWN_FIELDS } from '../core/cases/known-fields.js';

type Check = (settings: Settings) => void;

/** Throws a UsageError for the first contradiction. Changes nothing: derived values are set before. */
export function checkEnrich(settings: Settings): void {
  for (const check of CHECKS) check(settings);
}

/** The same for `report`. */
export function checkReport(settings: Settings): void {
  fieldsNeedSheet(settings);
}

const CHECKS: readonly Check[] = [
  checkWorker,
  needEndpoint,
  resumeOrOverwrite,
  failFastOrMaxFailures,
  needJournal,
  needResume,
  casesAreNoJournal,
  deadLetterIsNdjson,
  skipIfNamesPart,
  noOtherFormInJournal,
  fieldsNeedSheet,
  noInputOrderInJournal,
  intoNewField,
  batchPosts,
  bodyNeedsMethod,
  batchKeyNeedsBatch,
  shareOnlyGets,
  pollsAlone,
  pollKinNeedPoll,
  backoffWithinItsMaximum,
  checkCertificates,
  checkCredentials,
  checkHooks,
  checkLive,
];

function needEndpoint(settings: Settings): void {
  if (isGiven(settings, 'endpoint')) return;
  const files = (settings.get('files')?.given ?? []).filter(({ origin }) => origin.from === 'flag');
  const given = files.flatMap(({ items }) => items.map(({ text }) => text));
  const named = given.length === 0 && !isGiven(settings, 'files') ? ['cases.json'] : given;
  const example = [...named.map(fileArgument), ...inputFlags(provenances(settings))];
  throw new UsageError('no endpoint given', {
    hint:
      `${commandLine(['enrich', ...example, '--endpoint', 'https://api.example.com/cases/{id}'])}\n` +
      'or "endpoint" in case-tracker.config.json, or CASE_TRACKER_ENDPOINT; to try it out: --endpoint demo',
  });
}

function resumeOrOverwrite(settings: Settings): void {
  if (!valueOf(settings, 'resume') || !valueOf(settings, 'overwrite')) return;
  refuse(
    `${at(settings, 'resume')} goes on from a journal, ${at(settings, 'overwrite')} discards it`,
    'give one of them',
  );
}

function failFastOrMaxFailures(settings: Settings): void {
  if (valueOf(settings, 'onFailure') !== 'fail-fast' || !isGiven(settings, 'maxFailures')) return;
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
  if (key === 'overwrite' && isTableUrl(output)) {
    refuse(`${at(settings, key)} does not empty a table`, 'psql -c "truncate results, results_runs" does');
  }
  if (key === 'resume' && !isJournalName(output) && !isTableUrl(output)) {
    const journal = withEnding(output, 'ndjson');
    const hint = isSheet(settings, output) ? journalFirst(settings, output) : `-o ${shellQuote(journal)}`;
    refuse(`${at(settings, key)} needs a journal, and ${output} is none`, hint);
  }
}

function needResume(settings: Settings): void {
  const key = ['only', 'refreshAfter'].find((name) => isGiven(settings, name));
  if (key === undefined || valueOf(settings, 'resume')) return;
  refuse(`${at(settings, key)} needs --resume`, '--resume -o run.ndjson, where the results of the earlier run are');
}

/** A file of cases says nothing of those that failed, so there is nothing to go on from. */
function casesAreNoJournal(settings: Settings): void {
  if (valueOf(settings, 'format') !== 'cases' || !valueOf(settings, 'resume')) return;
  refuse(
    `${at(settings, 'format')} cases writes cases, which is no journal that ${at(settings, 'resume')} could go on from`,
    'first -o run.ndjson --resume; then --format cases without --resume, or with another -o',
  );
}

/** Under the name of another form the next run would refuse it. */
function deadLetterIsNdjson(settings: Settings): void {
  const path = valueOf(settings, 'deadLetter') as string | undefined;
  if (path === undefined || isJournalName(path) || !tellsForm(path)) return;
  const better = shellQuote(withEnding(isGzipName(path) ? path.replace(/\.gz$/i, '') : path, 'ndjson'));
  refuse(`${at(settings, 'deadLetter')} ${path}: failed cases are written as NDJSON`, `--dead-letter ${better}`);
}

function skipIfNamesPart(settings: Settings): void {
  if (valueOf(settings, 'skipIf') !== '') return;
  refuse(`${at(settings, 'skipIf')} '' is the whole case: every case would be skipped`, '--skip-if /enrichment');
}

function isSheet(settings: Settings, output: string): boolean {
  const format = valueOf(settings, 'format') as string;
  return isSheetForm(format === 'auto' ? (formatByEnding(output) ?? 'json') : format);
}

/** The two commands that end in a spreadsheet and can be resumed. */
function journalFirst(settings: Settings, output: string): string {
  const format = valueOf(settings, 'format') as string;
  const journal = shellQuote(withEnding(output, 'ndjson'));
  const form = format === 'auto' ? '' : ` --format ${format}`;
  return `-o ${journal} --resume, then: case-tracker report ${journal}${form} -o ${shellQuote(output)}`;
}

function noOtherFormInJournal(settings: Settings): void {
  const output = outputOf(settings);
  const format = valueOf(settings, 'format') as string;
  if (output === undefined || ['auto', 'ndjson', 'cases'].includes(format)) return;
  if (isTableUrl(output)) return refuse(`-o names a table, which has no form ${format}`, 'leave --format out');
  if (!isJournalName(output)) return;
  const hint = isSheetForm(format)
    ? journalFirst(settings, `results.${format === 'tsv' ? 'tsv' : 'csv'}`)
    : `-o results.${format === 'json' ? 'json' : 'txt'}`;
  refuse(`${output} is a journal, which is always NDJSON, not ${format}`, hint);
}

/** `--fields` is for spreadsheets: a report as JSON always has everything. */
function fieldsNeedSheet(settings: Settings): void {
  if (!isGiven(settings, 'fields') || isSheet(settings, outputOf(settings) ?? '')) return;
  refuse(`${at(settings, 'fields')} chooses the columns of csv, tsv and excel`, '--format csv, or -o results.csv');
}

function noInputOrderInJournal(settings: Settings): void {
  const output = outputOf(settings);
  if (valueOf(settings, 'order') !== 'input' || output === undefined) return;
  if (isTableUrl(output)) return refuse(`${at(settings, 'order')} input: a table has no order`, 'order by index');
  if (!isJournalName(output) || valueOf(settings, 'format') === 'cases') return;
  refuse(
    `${at(settings, 'order')} input: a journal is always in completion order, and ${output} is one`,
    'each result has its index; -o results.json is in input order',
  );
}

/** Refuses an `--into` that would overwrite the id or a known field, also inside an object (`meta.id`). */
function intoNewField(settings: Settings): void {
  const into = valueOf(settings, 'into') as string;
  const names = Object.values(valueOf(settings, 'fieldNames') as Readonly<Record<string, string>>);
  const needed = ['id', ...KNOWN_FIELDS, ...names, (valueOf(settings, 'idField') as string | undefined) ?? 'id'];
  const lost = needed.find((name) => name === into || name.startsWith(`${into}.`));
  if (lost === undefined) return;
  const what = lost === into ? 'a field that the case needs' : `${lost}, which the case needs`;
  const free = needed.some((name) => name.split('.', 1)[0] === 'enrichment') ? 'answer' : 'enrichment';
  refuse(`${at(settings, 'into')} ${into} would replace ${what}`, `--into ${free}`);
}

function batchPosts(settings: Settings): void {
  if (!isGiven(settings, 'batch')) return;
  const method = valueOf(settings, 'method') as string;
  const batch = at(settings, 'batch');
  if (isGiven(settings, 'body'))
    refuse(`${batch} sends an array of cases, not ${at(settings, 'body')}`, 'give one of them');
  if (method !== 'POST') refuse(`${batch} sends POST, not ${method}`, '--method POST');
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

/** A poll asks for the answer to one case, and a 202 that is an answer is never asked about. */
function pollsAlone(settings: Settings): void {
  if (!valueOf(settings, 'poll')) return;
  const poll = at(settings, 'poll');
  const give = 'give one of them';
  if (isGiven(settings, 'batch')) refuse(`${poll} asks for one case, ${at(settings, 'batch')} sends many`, give);
  if (valueOf(settings, 'shareRequests')) {
    refuse(`${poll} submits each case, ${at(settings, 'shareRequests')} makes equal calls once`, give);
  }
  if (namesLater(valueOf(settings, 'acceptStatus') as readonly StatusRange[])) {
    refuse(`${poll} asks again after a 202, ${at(settings, 'acceptStatus')} takes it as the answer`, give);
  }
}

function pollKinNeedPoll(settings: Settings): void {
  if (valueOf(settings, 'poll')) return;
  const kin = ['pollUrl', 'pollUntil', 'pollFailed', 'pollInterval', 'pollTimeout', 'pollLimit'];
  const given = kin.find((key) => isGiven(settings, key));
  if (given !== undefined)
    refuse(`${at(settings, given)} needs --poll`, '--poll asks again for an answer that comes later');
}

function backoffWithinItsMaximum(settings: Settings): void {
  const [first, longest] = [Number(valueOf(settings, 'backoff')), Number(valueOf(settings, 'maxBackoff'))];
  if (!isGiven(settings, 'backoff') || first <= longest) return;
  refuse(
    `${at(settings, 'backoff')} ${durationText(first)} is longer than ${at(settings, 'maxBackoff')} ${durationText(longest)}`,
    `--max-backoff ${durationText(first)}`,
  );
}

function outputOf(settings: Settings): string | undefined {
  const output = valueOf(settings, 'output') as string | undefined;
  return output === '-' ? undefined : output;
}

function refuse(message: string, hint: string): never {
  throw new UsageError(message, { hint });
}
