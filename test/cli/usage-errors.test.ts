import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MainOptions, runMain } from '../helpers/run-main.js';

let cwd = '';

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'case-tracker-usage-'));
  writeFileSync(join(cwd, 'headers.txt'), 'accept: application/json\nBearer s3cret\n');
});

afterAll(() => rmSync(cwd, { recursive: true }));

async function usageError(argv: readonly string[], options: MainOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runMain(argv, { cwd, ...options });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(4);
  expect(stderr).not.toMatch(/ at .*\.(ts|js):\d+|s3cret/);
  return stderr;
}

const DEMO = ['enrich', 'cases.json', '--endpoint', 'demo'];

describe('flags that can be wrong by themselves', () => {
  test.each([
    [['--timeout', '30'], '--timeout 30 needs a unit', '--timeout 30s (seconds) or --timeout 30ms'],
    [['--timeout', '0ms'], '--timeout 0ms is out of range', '--timeout takes 1ms to 24d'],
    [['--timeout', '577h'], '--timeout 577h is out of range', '--timeout takes 1ms to 24d'],
    [
      ['--deadline', 'soon'],
      '--deadline soon is not a duration',
      '--deadline takes a number with ms, s, m, h or d: 250ms, 5s, 2m, 1h, 30d',
    ],
    [['--timeout', '--limit'], '--timeout needs a value', '--timeout 30s'],
    [['-o', '--resume'], '--output needs a value', '--output run.ndjson'],
    [['--rate'], '--rate needs a value', '--rate 50/s'],
    [['--rate', '0/s'], '--rate 0/s is too slow', '--rate takes more than 0; the slowest is 1/h'],
    [['--rate', '5'], '--rate 5 needs a unit of time', '--rate 5/s (a second) or --rate 5/m'],
    [
      ['--max-failures', '101%'],
      '--max-failures 101% is more than 100%',
      '--max-failures takes a number from 1 or a percentage up to 100%: 20, 5%',
    ],
    [
      ['--max-failures', '0'],
      '--max-failures 0 is out of range',
      '--max-failures takes a number from 1 or a percentage up to 100%: 20, 5%',
    ],
    [['--limit', '0'], '--limit 0 is out of range', '--limit takes 1 to 10,000'],
    [['--limit', '-1'], '--limit -1 is out of range', '--limit takes 1 to 10,000'],
    [['--limit', '10001'], '--limit 10001 is out of range', '--limit takes 1 to 10,000'],
    [['--limit', 'ten'], '--limit ten is not a whole number', '--limit takes 1 to 10,000'],
    [
      ['--limit=5', '--concurrency=6'],
      '--limit (5) and --concurrency (6) are two names of one setting',
      'give --limit alone',
    ],
    [['--retries', '101'], '--retries 101 is out of range', '--retries takes 0 to 100'],
    [['--shard', '3/2'], '--shard 3/2 is none of 2 parts', '--shard 1/2 or --shard 2/2 (counted from 1)'],
    [['--shard', '1'], '--shard 1 is not I/N', '--shard 1/4 (the first of four parts)'],
    [['--first', '0'], '--first 0 is out of range', '--first takes 1 or more'],
    [
      ['--max-response-size', '64'],
      '--max-response-size 64 needs a unit',
      '--max-response-size 64KiB or --max-response-size 64MB',
    ],
    [['--pick', 'data.items'], '--pick data.items is not a JSON Pointer', 'did you mean --pick /data/items?'],
    [
      ['--where', '=open'],
      "--where '=open' is no comparison",
      '--where status=open or --where customer.tier!=free or --where dueAt',
    ],
    [
      ['--format', 'jsn'],
      '--format jsn is not known',
      'did you mean --format json?\n        --format takes auto, json, ndjson, table, csv, tsv, excel, cases',
    ],
    [
      ['--method', 'FETCH'],
      '--method FETCH is not known',
      '--method takes GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
    ],
    [
      ['--only', 'failed,mising'],
      '--only mising is not known',
      'did you mean --only missing?\n        --only takes failed, retryable, cancelled, invalid, changed, missing',
    ],
    [
      ['--log-level', 'loud'],
      '--log-level loud is not known',
      '--log-level takes trace, debug, info, warn, error, silent',
    ],
    [['--status', ','], "--status '' is empty", undefined],
    [['--into', ' '], "--into ' ' is empty", undefined],
    [
      ['--timeout', '\u001b[2J5'],
      String.raw`--timeout $'\U0000001b[2J5' is not a duration`,
      '--timeout takes a number with ms, s, m, h or d: 250ms, 5s, 2m, 1h, 30d',
    ],
    [['--header', 's3cret'], "--header is not 'Name: value'", "--header takes 'Name: value', or @FILE with one a line"],
    [['--header', 'x y: s3cret'], '--header has a name with a character that headers do not allow', undefined],
    [
      ['--header', 'x: s3cret\u0007'],
      '--header has a value for x with a character that headers do not allow',
      undefined,
    ],
    [['--header', 'x:'], '--header has no value for x', undefined],
    [
      ['--header', 'Idempotency-Key: 1'],
      '--header sets idempotency-key, which case-tracker sets for each call',
      undefined,
    ],
    [
      ['--header', '@headers.txt'],
      "--header @headers.txt, line 2, is not 'Name: value'",
      "--header @headers.txt, line 2, takes 'Name: value', or @FILE with one a line",
    ],
    [['--header', '@no.txt'], '--header: cannot read no.txt: no such file', '--header @FILE reads that file'],
    [
      ['--method', 'POST', '--body', '@no.json'],
      '--body: cannot read no.json: no such file',
      '--body @FILE reads that file',
    ],
    [
      ['--config', 'no.json'],
      'cannot read no.json: no such file',
      '--config takes a JSON file; without it case-tracker.config.json is looked for',
    ],
  ])('%j', async (flags, message, hint) => {
    const expected = `error: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`;
    expect(await usageError([...DEMO, ...flags])).toBe(expected);
  });
});

describe('flags that contradict each other', () => {
  test.each([
    [['--resume'], '--resume needs the output of the earlier run', '-o run.ndjson'],
    [['--overwrite'], '--overwrite needs the output of the earlier run', '-o run.ndjson'],
    [['--resume', '-o', '-'], '--resume needs the output of the earlier run', '-o run.ndjson'],
    [
      ['--dead-letter', 'out/dead.csv'],
      '--dead-letter out/dead.csv: failed cases are written as NDJSON',
      '--dead-letter out/dead.ndjson',
    ],
    [
      ['--dead-letter', 'dead.json.gz'],
      '--dead-letter dead.json.gz: failed cases are written as NDJSON',
      '--dead-letter dead.ndjson',
    ],
    [['--resume', '-o', 'out/run.json'], '--resume needs a journal, and out/run.json is none', '-o out/run.ndjson'],
    [
      ['--resume', '--overwrite', '-o', 'r.ndjson'],
      '--resume goes on from a journal, --overwrite discards it',
      'give one of them',
    ],
    [
      ['--on-failure', 'fail-fast', '--max-failures', '5'],
      '--on-failure fail-fast ends at the first failure, --max-failures at a later one',
      'give one of them',
    ],
    [
      ['--order', 'input', '-o', 'r.ndjson'],
      '--order input: a journal is always in completion order, and r.ndjson is one',
      'each result has its index; -o results.json is in input order',
    ],
    [
      ['--format', 'json', '-o', 'r.ndjson'],
      'r.ndjson is a journal, which is always NDJSON, not json',
      '-o results.json',
    ],
    [['--refresh-after', '30'], '--refresh-after 30 needs a unit', '--refresh-after 30d (days) or --refresh-after 30h'],
    [
      ['--refresh-after', '30d'],
      '--refresh-after needs --resume',
      '--resume -o run.ndjson, where the results of the earlier run are',
    ],
    [['--skip-if', 'owner'], '--skip-if owner is not a JSON Pointer', 'did you mean --skip-if /owner?'],
    [['--skip-if', ''], "--skip-if '' is the whole case: every case would be skipped", '--skip-if /enrichment'],
    [
      ['--format', 'cases', '-o', 'r.ndjson', '--resume'],
      '--format cases writes cases, which is no journal that --resume could go on from',
      'first -o run.ndjson --resume; then --format cases without --resume, or with another -o',
    ],
    [['--only', 'failed'], '--only needs --resume', '--resume -o run.ndjson, where the results of the earlier run are'],
    [['--body', '{}'], '--body is not sent with GET', '--method POST (or PUT, PATCH)'],
    [['--body', '{}', '--method', 'delete'], '--body is not sent with DELETE', '--method POST (or PUT, PATCH)'],
    [['--batch-key', '/items'], '--batch-key needs --batch', '--batch 50 sends up to 50 cases in a call'],
    [['--batch', '5', '--method', 'PUT'], '--batch sends POST, not PUT', '--method POST'],
    [['--batch', '5', '--body', '{}'], '--batch sends an array of cases, not --body', 'give one of them'],
    [['--share-requests', '--method', 'POST'], '--share-requests shares GETs, not POST', 'leave one of them out'],
    [['--into', 'id'], '--into id would replace a field that the case needs', '--into enrichment'],
    [['--into', 'dueAt'], '--into dueAt would replace a field that the case needs', '--into enrichment'],
    [
      ['--into', 'number', '--id-field', 'number'],
      '--into number would replace a field that the case needs',
      '--into enrichment',
    ],
    [
      ['--into', 'meta', '--id-field', 'meta.id'],
      '--into meta would replace meta.id, which the case needs',
      '--into enrichment',
    ],
    [
      ['--id-field', 'enrichment.id'],
      '--into enrichment would replace enrichment.id, which the case needs',
      '--into answer',
    ],
    [['--backoff', '20s'], '--backoff 20s is longer than --max-backoff 10s', '--max-backoff 20s'],
  ])('%j', async (flags, message, hint) => {
    expect(await usageError([...DEMO, ...flags])).toBe(`error: ${message}\n  hint: ${hint}\n`);
  });

  test('the places are named as they were written', async () => {
    const env = { CASE_TRACKER_RESUME: '1' };
    expect(await usageError(DEMO, { env })).toMatch(
      /^error: CASE_TRACKER_RESUME needs the output of the earlier run\n/,
    );
  });
});

describe('commands and arguments', () => {
  test.each([
    [['enrihc'], 'unknown command enrihc', 'did you mean case-tracker enrich?'],
    [
      ['frobnicate'],
      'unknown command frobnicate',
      'the commands are list, enrich, report, validate, enqueue, queue, api, serve, schema, completion, help',
    ],
    [
      ['cases.json'],
      'cases.json is a file: name the command first',
      'case-tracker list cases.json, or case-tracker enrich cases.json',
    ],
    [['enrich', '--limt', '5'], 'unknown option --limt', 'did you mean --limit?'],
    [['enrich', '--limt=5'], 'unknown option --limt', 'did you mean --limit?'],
    [['enrich', '--frobnicate'], 'unknown option --frobnicate', 'case-tracker enrich --help lists its flags'],
    [['enrich', '-x'], 'unknown option -x', 'case-tracker enrich --help lists its flags'],
    [
      ['list', '--limit', '5'],
      'list has no --limit: that is how many calls enrich has in flight',
      '--first 5 shows the first 5 cases',
    ],
    [
      ['list', '--limit=7'],
      'list has no --limit: that is how many calls enrich has in flight',
      '--first 7 shows the first 7 cases',
    ],
    [
      ['list', '--concurrency'],
      'list has no --concurrency: that is how many calls enrich has in flight',
      '--first 10 shows the first 10 cases',
    ],
    [
      ['list', '--timeout', '5s'],
      'list has no --timeout',
      '--timeout belongs to enrich, api; case-tracker list --help lists its flags',
    ],
    [['--limit', '5', 'enrich'], '--limit comes after the command', 'case-tracker enrich --limit …'],
    [['--quite', 'enrich'], 'unknown option --quite', 'did you mean --quiet?'],
    [['report'], 'report needs RESULTS', 'case-tracker report run.ndjson --format html -o run.html'],
    [
      ['schema'],
      'schema needs NAME: case, result, report, config, notification, sql',
      'case-tracker schema config > case-tracker.schema.json',
    ],
    [
      ['schema', 'cases'],
      'schema cases is not known',
      'did you mean schema case?\n        schema takes case, result, report, config, notification, sql',
    ],
    [['completion', 'tcsh'], 'completion tcsh is not known', 'completion takes bash, zsh, fish'],
    [
      ['schema', 'case', 'config'],
      'schema takes one NAME: config is too many',
      'case-tracker schema --help lists its flags',
    ],
    [['serve', 'x'], 'serve takes no argument: x is too many', 'case-tracker serve --help lists its flags'],
    [['help', 'exit-code'], 'no help on exit-code', 'did you mean case-tracker help exit-codes?'],
    [['list'], 'no case file given', 'case-tracker list cases.json, or pipe cases into case-tracker list -'],
    [['--config'], '--config needs a value', '--config case-tracker.config.json'],
  ])('%j', async (argv, message, hint) => {
    expect(await usageError(argv)).toBe(`error: ${message}\n  hint: ${hint}\n`);
  });

  test('no endpoint anywhere', async () => {
    expect(await usageError(['enrich', 'my cases.json'])).toBe(
      'error: no endpoint given\n' +
        "  hint: case-tracker enrich 'my cases.json' --endpoint 'https://api.example.com/cases/{id}'\n" +
        '        or "endpoint" in case-tracker.config.json, or CASE_TRACKER_ENDPOINT; to try it out: --endpoint demo\n',
    );
  });
});

describe('the environment and the configuration file', () => {
  test.each([
    [
      { CASE_TRACKER_TIMEOUT: '30' },
      'CASE_TRACKER_TIMEOUT=30 needs a unit',
      'CASE_TRACKER_TIMEOUT=30s (seconds) or CASE_TRACKER_TIMEOUT=30ms',
    ],
    [
      { CASE_TRACKER_RESUME: 'yes' },
      'CASE_TRACKER_RESUME=yes is neither true nor false',
      'CASE_TRACKER_RESUME takes 1, true, 0 or false',
    ],
    [
      { CASE_TRACKER_LIMIT: '5', CASE_TRACKER_CONCURRENCY: '6' },
      'CASE_TRACKER_LIMIT (5) and CASE_TRACKER_CONCURRENCY (6) are two names of one setting',
      'give CASE_TRACKER_LIMIT alone',
    ],
  ])('%j', async (env, message, hint) => {
    expect(await usageError(DEMO, { env })).toBe(`error: ${message}\n  hint: ${hint}\n`);
  });

  test.each([
    [{ timeout: 30 }, '"timeout": 30 in bad.json needs a unit', '"timeout": "30s" (seconds) or "timeout": "30ms"'],
    [{ limit: 0 }, '"limit": 0 in bad.json is out of range', '"limit" takes 1 to 10,000'],
    [{ rate: '5' }, '"rate": "5" in bad.json needs a unit of time', '"rate": "5/s" (a second) or "rate": "5/m"'],
    [
      { format: 'jsn' },
      '"format": "jsn" in bad.json is not known',
      'did you mean "format": "json"?\n        "format" takes auto, json, ndjson, table, csv, tsv, excel, cases',
    ],
    [{ timeuot: '30s' }, 'bad.json has an unknown key "timeuot"', 'did you mean "timeout"?'],
  ])('%j', async (config, message, hint) => {
    writeFileSync(join(cwd, 'bad.json'), JSON.stringify(config));
    expect(await usageError([...DEMO, '--config', 'bad.json'])).toBe(`error: ${message}\n  hint: ${hint}\n`);
  });

  test('a header value is not shown', async () => {
    writeFileSync(join(cwd, 'bad.json'), '{"headers": {"x key": "s3cret"}}');
    const message = await usageError([...DEMO, '--config', 'bad.json']);
    expect(message).toBe('error: "headers" in bad.json has a name with a character that headers do not allow\n');
  });
});
