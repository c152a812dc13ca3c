/** The help topics that are no commands. */

import { EXIT } from '../errors.js';
import type { TOPICS } from '../config/settings/other.js';

export type Topic = (typeof TOPICS)[number];

/** What each exit code means, in the order of their numbers. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.ok, 'every selected case is enriched (or the failures are within --allow-failures)'],
  [EXIT.failures, 'the run finished; some cases failed or were invalid'],
  [EXIT.usage, 'usage or configuration error; nothing was sent'],
  [EXIT.input, 'input could not be read'],
  [
    EXIT.stopped,
    'stopped early: fail-fast, --max-failures, all-failing, rate-limited, outage, auth, --max-time, --strict, the live page; report: no end',
  ],
  [EXIT.output, 'output could not be written (disk full, no permission, enrich … | head)'],
  [EXIT.bug, 'a bug in case-tracker'],
  [EXIT.hangup, 'hang-up (SIGHUP)'],
  [EXIT.interrupted, 'interrupted (SIGINT, Ctrl-C)'],
  [EXIT.terminated, 'terminated (SIGTERM)'],
];

export const TOPIC_TEXTS: Readonly<Record<Topic, string>> = {
  'exit-codes': `Exit codes

${EXIT_CODES.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')}

If several apply: 70, then 5, then signals, 4, 3, 1.
`,
  environment: `Where a value comes from, highest first

  1. the flag                    --timeout 10s
  2. the environment             CASE_TRACKER_TIMEOUT=10s
  3. the configuration file      "timeout": "10s"
  4. the default
  --unset NAME passes 2 and 3 over for that setting: --unset root, --unset config.

Environment
  CASE_TRACKER_ and the flag in capitals, - as _: CASE_TRACKER_MAX_FAILURES=5%
  Flags without a value take 1, true, 0 or false; repeatable ones take one value a line.
  An empty variable counts as not set. NO_COLOR and FORCE_COLOR count as --color.
  HTTP_PROXY, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are honoured for calls.

Configuration file
  --config FILE, else the first of case-tracker.config.json, .case-trackerrc.json and
  the key "case-tracker" in package.json, from the current folder upward to the
  repository's root (the folder with .git). Outside a repository only the current
  folder is searched.
  Keys are the flags in camelCase: { "maxFailures": "5%", "limit": 20 }; besides
  "files", "headers" (an object) and "fieldNames" (an object). Unknown keys are refused;
  "$schema" is allowed: case-tracker schema config.
  Paths are relative to the file's folder.
  \${NAME} in a text is the environment variable NAME, which must be set; $\${ is the
  text \${.
  A file that was found, not named with --config, may only use variables whose names begin
  with CASE_TRACKER_; its paths stay within its folder and lead to nothing hidden there
  (.git, .env); it may not run code or send credentials (tokenCommand, cert, notify, ...).
  A value from a higher source replaces the one below; headers are replaced by name.
`,
  formats: `Formats

Cases (input)
  .json             an array, or an object whose "cases" is the array; --root /pointer
                    for any other document
  .ndjson, .jsonl   one object a line
  .csv, .tsv        the first row names the fields; every cell is text, an empty
                    one null; --delimiter, --encoding
  .gz               each of them, compressed
  -                 standard input: JSON or NDJSON, or what --input-format says
  A case is a JSON object with an "id". Known fields: title, status, priority,
  assignee, tags, openedAt, dueAt. Everything else is kept as it is.

Results of enrich
  ndjson    one result a line; -o run.ndjson is a journal to --resume from
  json      one report: run, results, summary
  table     for people
  csv       a row a case (RFC 4180, UTF-8); -o x.csv; --fields chooses the columns
  tsv       the same with tabs; -o x.tsv
  excel     UTF-16 with tabs, which Excel opens right: --format excel -o x.csv
  list writes cases in all of these forms.

Reports (case-tracker report)
  summary, json, ndjson, html, junit, markdown, table, csv, tsv, excel

Values
  durations   250ms 5s 2m 1h 30d       sizes    64KiB  1MB
  rates       50/s  600/m              shares   20  5%
`,
};
