/** The messages for wrong usage: each is exact, exits with 2, leaves stdout empty and shows neither help nor a stack. */

import { describe, expect, test } from 'vitest';
import { CASES, type GoldenOptions, runGolden } from '../helpers/golden.js';

type Row = readonly [what: string, argv: readonly string[], options: GoldenOptions, message: string];

const cases = { 'cases.json': CASES };
const config = (text: string): GoldenOptions => ({ files: { ...cases, 'case-tracker.config.json': text } });
const enrich = (...more: readonly string[]): readonly string[] => ['enrich', 'cases.json', ...more];
const demo = (...more: readonly string[]): readonly string[] => enrich('--endpoint', 'demo', ...more);

const FLAGS: readonly Row[] = [
  [
    'no endpoint',
    enrich(),
    {},
    `error: no endpoint given
  hint: case-tracker enrich cases.json --endpoint 'https://api.example.com/cases/{id}'
        or "endpoint" in case-tracker.config.json, or CASE_TRACKER_ENDPOINT; to try it out: --endpoint demo
`,
  ],
  [
    'a duration without unit',
    demo('--timeout', '30'),
    {},
    `error: --timeout 30 needs a unit
  hint: --timeout 30s (seconds) or --timeout 30ms
`,
  ],
  [
    'list --limit',
    ['list', 'cases.json', '--limit', '5'],
    {},
    `error: list has no --limit: that is how many calls enrich has in flight
  hint: --first 5 shows the first 5 cases
`,
  ],
  [
    'a command with a typo',
    ['enrch', 'cases.json'],
    {},
    `error: unknown command enrch
  hint: did you mean case-tracker enrich?
`,
  ],
  [
    'a file without a command',
    ['cases.json'],
    {},
    `error: cases.json is a file: name the command first
  hint: case-tracker list cases.json, or case-tracker enrich cases.json
`,
  ],
  [
    'a flag with a typo',
    enrich('--endpint', 'demo'),
    {},
    `error: unknown option --endpint
  hint: did you mean --endpoint?
`,
  ],
  [
    'a value with a typo',
    demo('--on-failure', 'skp'),
    {},
    `error: --on-failure skp is not known
  hint: did you mean --on-failure skip?
        --on-failure takes collect, skip, fail-fast
`,
  ],
  [
    'two names of one setting',
    demo('--limit', '5', '--concurrency', '6'),
    {},
    `error: --limit (5) and --concurrency (6) are two names of one setting
  hint: give --limit alone
`,
  ],
  [
    'a limit of nothing',
    demo('--limit', '0'),
    {},
    `error: --limit 0 is out of range
  hint: --limit takes 1 to 10,000
`,
  ],
  [
    'an endpoint without its scheme',
    enrich('--endpoint', 'api.example.com/cases'),
    {},
    `error: the endpoint must begin with http:// or https://: api.example.com/cases
  hint: write the protocol too: 'https://api.example.com/cases'
`,
  ],
  [
    '--resume without -o',
    demo('--resume'),
    {},
    `error: --resume needs the output of the earlier run
  hint: -o run.ndjson
`,
  ],
  [
    'an output that is the input',
    demo('-o', 'cases.json'),
    {},
    `error: -o cases.json is an input file
  hint: choose another file
`,
  ],
  [
    'a comparison that there is not',
    ['list', 'cases.json', '--where', 'age>5'],
    {},
    `error: --where 'age>5' is no comparison
  hint: --where status=open or --where customer.tier!=free or --where dueAt
`,
  ],
  [
    'a file of headers that is not there',
    demo('--header', '@secrets.txt'),
    {},
    `error: --header: cannot read secrets.txt: no such file
  hint: --header @FILE reads that file
`,
  ],
  [
    'a header without a name',
    demo('--header', 'Bearer t0ken'),
    {},
    `error: --header is not 'Name: value'
  hint: --header takes 'Name: value', or @FILE with one a line
`,
  ],
  [
    'a topic with a typo',
    ['help', 'exitcodes'],
    {},
    `error: no help on exitcodes
  hint: did you mean case-tracker help exit-codes?
`,
  ],
  [
    'a schema that there is not',
    ['schema', 'reprot'],
    {},
    `error: schema reprot is not known
  hint: did you mean schema report?
        schema takes case, result, report, config, notification, sql
`,
  ],
];

const CONFIGURATION: readonly Row[] = [
  [
    'an unknown key',
    enrich(),
    config('{"endpoint":"demo","timout":"3s"}'),
    `error: case-tracker.config.json has an unknown key "timout"
  hint: did you mean "timeout"?
`,
  ],
  [
    'a duration that is a number',
    enrich(),
    config('{"endpoint":"demo","timeout":30}'),
    `error: "timeout": 30 in case-tracker.config.json needs a unit
  hint: "timeout": "30s" (seconds) or "timeout": "30ms"
`,
  ],
  [
    'a variable that a found file may not ask for',
    enrich(),
    config('{\n  "endpoint": "demo",\n  "headers": {"authorization": "Bearer ${TOKEN}"}\n}'),
    `error: case-tracker.config.json, line 3: \${TOKEN} is not allowed in a file that was found
  hint: name the file with --config case-tracker.config.json, or call the variable CASE_TRACKER_TOKEN
`,
  ],
  [
    'a variable that is not set',
    enrich('--config', 'my.json'),
    { files: { ...cases, 'my.json': '{"endpoint":"demo",\n"headers":{"authorization":"Bearer ${TOKEN}"}}' } },
    `error: my.json, line 2: the environment variable TOKEN is not set
  hint: export TOKEN=…
`,
  ],
  [
    'a file that is no JSON',
    enrich(),
    config('{"endpoint":"demo",}'),
    `error: case-tracker.config.json is not valid JSON (line 1)
  hint: JSON has no comments and no trailing commas
`,
  ],
  [
    'an environment variable with a value that is none',
    demo(),
    { env: { CASE_TRACKER_RETRIES: 'many' } },
    `error: CASE_TRACKER_RETRIES=many is not a whole number
  hint: CASE_TRACKER_RETRIES takes 0 to 100
`,
  ],
];

describe.each([
  ['the command line', FLAGS],
  ['the configuration', CONFIGURATION],
] as const)('a mistake on %s', (_, rows) => {
  test.each(rows)('%s', async (_what, argv, options, message) => {
    const { code, stdout, stderr } = await runGolden(argv, options);
    expect(stderr).toBe(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n').length - 1).toBeLessThanOrEqual(5);
  });
});

test('a journal that already holds results is not gone on with unasked', async () => {
  const line = (id: string): string =>
    `{"caseId":"${id}","status":"enriched","index":0,"enrichedCase":{"id":"${id}"},"error":null,"attempts":1,"durationMs":1,"at":"2026-01-01T00:00:00.000Z","key":"k"}\n`;
  const files = { ...cases, 'run.ndjson': line('a') + line('b') };
  const { code, stdout, stderr } = await runGolden(demo('-o', 'run.ndjson'), { files });
  expect(stderr).toBe(`error: run.ndjson already holds 2 results of an earlier run
  hint: --resume goes on from them; --overwrite starts again and discards them
`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('with --log-level debug a message has its stack below it', async () => {
  const { stderr } = await runGolden(demo('--timeout', '30', '--log-level', 'debug'));
  expect(stderr).toMatch(/^error: --timeout 30 needs a unit\n {2}hint: .*\n\S*Error: --timeout 30 needs a unit\n +at /);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
  ['the flag', ['--log-format', 'json'], {}],
  ['the environment', [], { CASE_TRACKER_LOG_FORMAT: 'json' }],
])('with JSON as the format of logs, by %s, a mistake is one line of it', async (_, flags, env) => {
  const { code, stdout, stderr } = await runGolden(demo('--timeout', '30', ...flags), { env });
  expect(stderr).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'error',
    msg: '--timeout 30 needs a unit',
    exitCode: 2,
    hint: '--timeout 30s (seconds) or --timeout 30ms',
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
