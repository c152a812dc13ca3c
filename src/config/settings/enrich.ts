/** Settings of `enrich`, by concern. */

import { SHEET_FORMS } from '../../text/csv.js';
import { FORMULA_GUARD } from './cases.js';
import { CERTIFICATES } from './certificates.js';
import { CREDENTIALS } from './credentials.js';
import { NOTIFY } from './notify.js';
import { LIVE } from './live.js';
import type { Group, Setting, Settings } from './setting.js';
import { WORKER } from './queue.js';
import * as type from './value-types.js';

export const REQUEST = {
  endpoint: {
    type: type.text('URL', "'https://api.example.com/cases/{id}'"),
    defaultText: 'from configuration',
    common: true,
    private: true,
    help: 'URL that is called once per case; {field} is replaced by its value; demo and demo:flaky are built in',
  },
  headers: {
    type: type.headerLines(),
    flag: 'header',
    common: true,
    private: true,
    help: "'Name: value', or @FILE with one a line; repeatable; secrets belong in a file",
  },
  method: {
    type: type.upperChoice('M', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    default: 'GET',
    help: 'POST, PUT and PATCH send the case',
  },
  body: {
    type: type.textOrFile('SOURCE', '@body.json'),
    defaultText: "the case's source text",
    private: true,
    help: 'Template of the body (text, or @FILE) whose {field} become JSON values',
  },
  noAppendId: {
    type: type.flag(),
    help: 'Take a URL without a placeholder as it stands; otherwise /{id} is appended, unless --body has one',
  },
  into: { type: type.text('FIELD', 'enrichment'), default: 'enrichment', help: 'Field that takes the answer' },
  pick: { type: type.pointer(), defaultText: 'whole body', help: 'Part of the answer that is taken' },
  responseSchema: { type: type.path('answer.schema.json'), help: 'JSON Schema that every answer must satisfy' },
  acceptStatus: {
    type: type.statuses(),
    defaultText: '200-299 but 202',
    help: 'Statuses that are answers, as 200-299,404; outside of 2xx the answer is its JSON body, else null',
  },
  maxResponseSize: { type: type.size(), default: '1MiB', help: 'Largest decoded answer; beyond it the attempt fails' },
  shareRequests: { type: type.flag(), help: 'Make GETs of the same URL once, for all cases that ask' },
  batch: { type: type.count(1, 10_000), help: 'One POST with an array of up to N cases' },
  batchKey: { type: type.pointer(), defaultText: 'the array', help: 'Where in the answer to a batch the results are' },
} as const satisfies Settings;

export const POLL = {
  poll: { type: type.flag(), help: 'Ask again for an answer that comes later (202), at its Location' },
  pollUrl: {
    type: type.text('URL', "'/jobs/{answer:/id}'"),
    defaultText: "the answer's Location",
    private: true,
    help: 'Where to ask, on the same origin; {answer:/pointer} is a value of the first answer',
  },
  pollUntil: {
    type: type.match(),
    defaultText: 'the status is not 202',
    help: 'The answer is there when its body has one of these values; the status is not 202 then either',
  },
  pollFailed: { type: type.match(), help: 'The job has failed when the body has one of these values' },
  pollInterval: {
    type: type.duration(10, '2s'),
    default: '2s',
    help: 'From an answer to the next poll; a longer Retry-After counts',
  },
  pollTimeout: {
    type: type.duration(1, '10m'),
    default: '10m',
    help: 'Longest that one case may take that is polled, in place of --deadline',
  },
  pollLimit: { type: type.count(1, 100_000), default: '1000', help: 'Cases that wait for such an answer at once' },
} as const satisfies Settings;

export const PACE = {
  limit: {
    type: type.count(1, 10_000),
    default: '10',
    common: true,
    help: 'At most N calls in flight; the concurrency limit',
    otherNames: [{ flag: 'concurrency', help: 'The same as --limit' }],
  },
  timeout: {
    type: type.duration(1, '30s'),
    default: '5s',
    common: true,
    help: 'Longest that one attempt may take; connect, headers and the whole body together',
  },
  deadline: {
    type: type.duration(1, '2m'),
    default: '30s',
    common: true,
    help: 'Longest that one case may take; all its attempts and the waits between them',
  },
  maxTime: {
    type: type.durationOrNone(1, '10m'),
    defaultText: 'none',
    help: 'Longest that the whole run may take; what is in flight then is cancelled',
  },
  rate: {
    type: type.rateOrNone(),
    defaultText: 'none',
    common: true,
    help: 'Attempts started at most, as 50/s or 600/m; evenly spaced, over all shards together',
  },
  adaptive: { type: type.flag(), help: 'Find the limit that the endpoint can take, never above --limit' },
  grace: {
    type: type.duration(0, '10s'),
    default: '10s',
    help: 'How long calls in flight may take after an interruption',
  },
} as const satisfies Settings;

export const RETRY = {
  retries: {
    type: type.count(0, 100),
    default: '2',
    common: true,
    help: 'Attempts after the first; for what is worth retrying',
  },
  backoff: { type: type.duration(0, '200ms'), default: '200ms', help: 'First wait between attempts (full jitter)' },
  maxBackoff: { type: type.duration(0, '10s'), default: '10s', help: 'Longest wait between attempts' },
  maxRetryAfter: {
    type: type.duration(0, '60s'),
    default: '60s',
    help: 'Longest pause that the endpoint may ask for; beyond it the run stops',
  },
  maxOutage: {
    type: type.durationOrNone(0, '2m'),
    default: '2m',
    help: 'How long an endpoint that worked and is down is waited for (0s: not at all); then the run stops',
  },
  retryUnsafe: { type: type.flag(), help: 'Also retry POST and PATCH' },
  onFailure: {
    type: type.choice('P', 'collect', 'skip', 'fail-fast'),
    default: 'collect',
    help: 'Failed cases: collect (results), skip (left out of the output) or fail-fast (the first ends the run)',
  },
  maxFailures: {
    type: type.shareOrNone(1),
    defaultText: 'only when all fail',
    help: 'Stop starting cases once so many have failed',
  },
  allowFailures: { type: type.share(0), default: '0', help: 'Still exit 0 with that many failed or invalid' },
  strict: { type: type.flag(), help: 'Stop at the first record that is not a valid case' },
} as const satisfies Settings;

/** Only as a flag: for `list` the key means what is shown, and results must not lose columns by it. */
export const SHEET_FIELDS = {
  type: type.words('A,B,C', 'id,title,enrichment.owner'),
  from: ['flag'],
  help: 'In csv, tsv and excel: exactly these columns; of the case, result.status and the like, or enrichment.NAME',
} as const satisfies Setting;

export const OUTPUT = {
  output: {
    type: type.path('run.ndjson'),
    short: 'o',
    defaultText: 'stdout',
    common: true,
    help: 'File for the results; .ndjson is a journal to resume from, .json, .csv and .tsv are written whole or not at all; or the URL of a results table, postgres://…',
  },
  resume: { type: type.flag(), common: true, help: 'Go on from the journal; enriched cases are not called again' },
  overwrite: { type: type.flag(), help: 'Start again, whatever the output holds' },
  only: {
    type: type.choices('KINDS', 'failed', 'retryable', 'cancelled', 'invalid', 'changed', 'missing'),
    defaultText: 'all',
    help: 'With --resume: only cases that have failed, are retryable (failed, and worth another run), cancelled, invalid, changed since, or missing',
  },
  refreshAfter: {
    type: type.age('30d'),
    defaultText: 'never',
    help: 'With --resume: ask again for results older than that',
  },
  skipIf: {
    type: type.pointer(),
    defaultText: 'none',
    help: 'Do not call a case that has a value there already (not null); it is enriched as it is',
  },
  outputWait: {
    type: type.duration(0, '60s'),
    default: '60s',
    help: 'With -o postgres://…: how long the database may be away; no new call is made meanwhile',
  },
  deadLetter: { type: type.path('dead.ndjson'), help: 'Failed cases, unchanged, as a case file for the next run' },
  format: {
    type: type.choice('F', 'auto', 'json', 'ndjson', 'table', ...SHEET_FORMS, 'cases'),
    default: 'auto',
    common: true,
    help: "Form of the results; json, ndjson, table, csv, tsv, excel or cases (the enriched cases alone, for another enrich); auto is the table on a terminal, else by the output's ending, else json",
  },
  fields: SHEET_FIELDS,
  formulaGuard: FORMULA_GUARD,
  order: {
    type: type.choice('ORDER', 'input', 'completion'),
    defaultText: 'by format',
    help: 'Order of results: input (json, table, csv, tsv, excel) or completion (ndjson, cases)',
  },
  dryRun: {
    type: type.flag(),
    common: true,
    help: 'Print what would be sent, and send nothing; also where each setting came from',
  },
} as const satisfies Settings;

export const ENRICH_GROUPS: readonly Group[] = [
  { title: 'Request', settings: REQUEST },
  { title: 'Answers that come later', settings: POLL },
  { title: 'Credentials', settings: CREDENTIALS },
  { title: 'Certificates', settings: CERTIFICATES },
  { title: 'Pace', settings: PACE },
  { title: 'Retries and failures', settings: RETRY },
  { title: 'Output', settings: OUTPUT },
  { title: 'Notifications', settings: NOTIFY },
  { title: 'Live page', settings: LIVE },
  { title: 'Many machines', settings: WORKER },
];
