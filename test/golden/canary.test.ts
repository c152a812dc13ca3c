/** A secret, wherever a user may put one, is in no byte of any output, whatever the endpoint echoes of it. */

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serveRaw } from '../helpers/fault-server.js';
import { type GoldenOptions, type GoldenOutcome, runGolden } from '../helpers/golden.js';

// The core is looked for; around it stand the characters that each encoding spells in its own way.
const CORE = randomBytes(9).toString('hex');
const SECRET = `q/+&${CORE}=`;
const IN_URL = encodeURIComponent(SECRET);

interface Placement {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** The endpoint for a server at this host and port. */
  readonly endpoint?: (host: string) => string | undefined;
}

const config = (text: string): Readonly<Record<string, string>> => ({ 'case-tracker.config.json': text });

/** Each is the only place where the secret stands. */
const PLACEMENTS: Readonly<Record<string, (host: string) => Placement>> = {
  'a header': () => ({ flags: ['--header', `X-Api-Key: ${SECRET}`] }),
  'a token in a header': () => ({ flags: ['--header', `Authorization: Bearer ${SECRET}`] }),
  'a cookie': () => ({ flags: ['--header', `Cookie: a=1; session=${SECRET}`] }),
  'a file of headers': () => ({
    flags: ['--header', '@headers.txt'],
    files: { 'headers.txt': `X-Api-Key: ${SECRET}\n` },
  }),
  'a variable in the headers of the configuration': () => ({
    files: config('{"headers":{"authorization":"Bearer ${CASE_TRACKER_TOKEN}"}}'),
    env: { CASE_TRACKER_TOKEN: SECRET },
  }),
  'a variable in the endpoint of the configuration': (host) => ({
    files: config(`{"endpoint":"http://${host}/\${CASE_TRACKER_TOKEN}/cases"}`),
    env: { CASE_TRACKER_TOKEN: SECRET },
    endpoint: () => undefined,
  }),
  'a variable in the body of the configuration': () => ({
    files: config('{"method":"POST","body":"{\\"token\\":\\"${CASE_TRACKER_TOKEN}\\"}"}'),
    env: { CASE_TRACKER_TOKEN: SECRET },
  }),
  'a standard header in a file': () => ({
    flags: ['--header', '@headers.txt'],
    files: { 'headers.txt': `User-Agent: ${SECRET}\n` },
  }),
  'a header in the environment': () => ({ env: { CASE_TRACKER_HEADER: `X-Api-Key: ${SECRET}` } }),
  'the endpoint in the environment': (host) => ({
    env: { CASE_TRACKER_ENDPOINT: `http://${host}/cases?key=${IN_URL}` },
    endpoint: () => undefined,
  }),
  'the password of the endpoint': () => ({ endpoint: (host) => `http://someone:${IN_URL}@${host}/cases` }),
  'a query value of the endpoint': () => ({ endpoint: (host) => `http://${host}/cases/{id}?a=1&key=${IN_URL}` }),
  'the password of the proxy': (host) => ({
    env: { HTTP_PROXY: `http://someone:${IN_URL}@${host}` },
    endpoint: () => 'http://endpoint.invalid/cases',
  }),
};

const IN_HTML = SECRET.replaceAll('&', '&amp;');
const BASE64 = Buffer.from(SECRET).toString('base64').replace(/=+$/, '');
const BASIC = Buffer.from(`someone:${SECRET}`).toString('base64');

/** Where the secret stands in a text, in any spelling. */
function leaks(text: string): string[] {
  return [CORE, BASE64, BASIC].flatMap((spelling) => {
    const at = text.indexOf(spelling);
    return at === -1 ? [] : [text.slice(Math.max(0, at - 60), at + 20)];
  });
}

/** Echoes the secret in everything that an answer has; the first and the last case are enriched all the same. */
async function echoingEndpoint(isPassword: boolean): Promise<string> {
  const echo = [SECRET, IN_URL, IN_HTML, JSON.stringify(SECRET), BASE64, ...(isPassword ? [BASIC] : [])].join(' ');
  const answer = (status: string, text: string, ...headers: readonly string[]): string =>
    [
      `HTTP/1.1 ${status}`,
      ...headers,
      `content-length: ${Buffer.byteLength(text)}`,
      'connection: close',
      '',
      text,
    ].join('\r\n');
  const json = 'content-type: application/json';
  const answers: Readonly<Record<string, string>> = {
    ok: answer('200 OK', '{"fine":true}', json),
    reason: answer(`500 Broken ${SECRET} ${IN_URL}`, 'x'),
    words: answer('422 No', JSON.stringify({ message: `bad key ${SECRET}`, echo }), json, `x-echo: ${SECRET}`),
    text: answer('400 No', `header was ${echo}`),
    cut: answer('400 No', 'x'.repeat(512 - 12) + SECRET),
    cut2: answer('400 No', 'x'.repeat(512 - 22) + IN_URL),
    redirect: answer('302 Found', '', `location: http://elsewhere.example/${IN_URL}`),
    unauthorized: answer('401 No', '', `www-authenticate: Basic realm="${SECRET}"`),
    html: answer('200 OK', `<html><title>${IN_HTML}</title>`, `content-type: text/html; x=${SECRET}`),
    encoding: answer('200 OK', 'x', json, `content-encoding: ${SECRET}`),
    schema: answer('200 OK', JSON.stringify({ [SECRET]: SECRET }), json),
    later: answer('429 Wait', '', `retry-after: ${SECRET}`),
  };
  const { url } = await serveRaw((socket, request) => {
    const id = /cases\/(\w+)/.exec(request)?.[1] ?? 'ok';
    socket.end(Buffer.from(answers[id] ?? answers['ok'] ?? '', 'utf8'));
  });
  return url.replace('http://', '');
}

const IDS = [
  'ok',
  'reason',
  'words',
  'text',
  'cut',
  'cut2',
  'redirect',
  'unauthorized',
  'html',
  'encoding',
  'schema',
  'last',
];
const CASES = IDS.map((id) => `{"id":"${id}"}\n`).join('') + '{"id":5.5}\n';
const SCHEMA = JSON.stringify({ type: 'object', properties: { fine: {} }, additionalProperties: false });

async function run(placement: string, flags: readonly string[], options: GoldenOptions = {}): Promise<GoldenOutcome> {
  const host = await echoingEndpoint(placement.startsWith('the password'));
  const {
    flags: own = [],
    env = {},
    files = {},
    endpoint = (at: string) => `http://${at}/cases`,
  } = PLACEMENTS[placement]?.(host) ?? {};
  const url = endpoint(host);
  const argv = ['enrich', 'cases.ndjson', ...(url === undefined ? [] : ['--endpoint', url]), ...own, ...flags];
  return await runGolden(argv, {
    ...options,
    env: { ...options.env, ...env },
    files: { 'cases.ndjson': CASES, 'schema.json': SCHEMA, ...files },
  });
}

const INPUTS = new Set(['cases.ndjson', 'schema.json', 'headers.txt', 'case-tracker.config.json', '.git']);

/** Everything that a run has left: streams and files. */
function outputsOf({ stdout, stderr, cwd }: GoldenOutcome): Readonly<Record<string, string>> {
  const written = readdirSync(cwd).filter((name) => !INPUTS.has(name));
  return {
    stdout,
    stderr,
    ...Object.fromEntries(written.map((name) => [name, readFileSync(join(cwd, name), 'utf8')])),
  };
}

function leaksOf(outcome: GoldenOutcome): Record<string, string[]> {
  const found = Object.entries(outputsOf(outcome)).map(([name, text]) => [name, leaks(text)] as const);
  return Object.fromEntries(found.filter(([, places]) => places.length > 0));
}

const CALLS = ['--retries', '0', '--response-schema', 'schema.json', '--max-failures', 'none'];
const MODES: readonly (readonly [mode: string, flags: readonly string[], options: GoldenOptions])[] = [
  [
    'a journal, a dead letter and a trace as JSON',
    [...CALLS, '-o', 'run.ndjson', '--dead-letter', 'dead.ndjson', '--log-level', 'trace', '--log-format', 'json'],
    {},
  ],
  [
    'a terminal, with a trace for people',
    [...CALLS, '--log-level', 'trace'],
    { stdoutTTY: true, stderrTTY: true, columns: 200 },
  ],
  ['a report in a file, failures logged', [...CALLS, '-o', 'run.json', '--on-failure', 'skip'], {}],
  [
    'the annotations and the summary of GitHub Actions',
    [...CALLS, '-o', 'run.json'],
    { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' } },
  ],
  ['a dry run', ['--dry-run', '--log-level', 'trace'], {}],
  ['a mistake elsewhere', ['--timeout', '30', '--log-level', 'trace'], {}],
  ['a mistake found later', ['-o', 'no/such/folder.ndjson', '--log-level', 'trace'], {}],
];

describe.each(Object.keys(PLACEMENTS))('a secret in %s is nowhere in', (placement) => {
  test.each(MODES)('%s', async (_, flags, options) => {
    const outcome = await run(placement, flags, options);
    expect(leaksOf(outcome)).toEqual({});
    expect(outcome.stdout + outcome.stderr).not.toBe('');
  });
});

test('the secret did reach the endpoint, and what the endpoint echoed is hidden rather than lost', async () => {
  const { stdout, code } = await run('a header', CALLS);
  const { results } = JSON.parse(stdout) as {
    results: { caseId: string; status: string; error: { body?: string } | null }[];
  };
  expect(code).toBe(1);
  expect(results.find(({ caseId }) => caseId === 'ok')).toMatchObject({ status: 'enriched' });
  expect(results.find(({ caseId }) => caseId === 'words')?.error?.body).toContain('bad key ***');
});

test('an enrichment is data and stays, also when it contains the secret', async () => {
  const { url } = await serveRaw((socket) =>
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${CORE.length + 2}\r\nconnection: close\r\n\r\n"${CORE}"`),
  );
  const argv = ['enrich', 'cases.json', '--endpoint', url, '--header', `x-key: ${CORE}`, '--first', '1'];
  const { stdout, code } = await runGolden(argv);
  expect(code).toBe(0);
  expect(stdout).toContain(`"enrichment":"${CORE}"`);
});

describe('a mistake in the secret itself is told without it', () => {
  const demo = ['enrich', 'cases.json', '--endpoint', 'demo'];
  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ['a header without a name', [...demo, '--header', `Bearer ${CORE}`], {}],
    ['a header with a character that is not allowed', [...demo, '--header', `X-Key: ${CORE}\u20ac`], {}],
    ['a header of the environment', demo, { CASE_TRACKER_HEADER: `Bearer ${CORE}` }],
    ['a flag with a typo and its value attached', [...demo, `--haeder=X-Key: ${CORE}`], {}],
    ['an endpoint without host', ['enrich', 'cases.json', '--endpoint', `https://a:${CORE}@/x`], {}],
    ['an endpoint of another protocol', ['enrich', 'cases.json', '--endpoint', `ftp://a:${CORE}@host/x?k=${CORE}`], {}],
    [
      'an endpoint with a brace too many',
      ['enrich', 'cases.json', '--endpoint', `https://a:${CORE}@h/{id}}?k=${CORE}`],
      {},
    ],
    [
      'an endpoint with a placeholder for a host',
      ['enrich', 'cases.json', '--endpoint', `https://a:${CORE}@{h}/?k=${CORE}`],
      {},
    ],
    [
      'a proxy that is no URL',
      ['enrich', 'cases.json', '--endpoint', 'http://h'],
      { HTTP_PROXY: `http://a:${CORE}@:x` },
    ],
    [
      'a proxy of another protocol',
      ['enrich', 'cases.json', '--endpoint', 'http://h'],
      { HTTP_PROXY: `socks5://a:${CORE}@h` },
    ],
    ['two endpoints at once', [...demo, '--limit', '1', '--concurrency', '2', '--header', `X-Key: ${CORE}`], {}],
    ['an endpoint of the configuration', ['enrich', 'cases.json', '--config', 'my.json'], { TOKEN: `${CORE} {` }],
    ['a timeout of the configuration', ['enrich', 'cases.json', '--config', 'timeout.json'], { TOKEN: CORE }],
  ])('%s', async (_, argv, env) => {
    const files = {
      'cases.json': '[]',
      'my.json': '{"endpoint":"https://h/${TOKEN}/{id}"}',
      'timeout.json': '{"endpoint":"demo","timeout":"${TOKEN}"}',
    };
    for (const more of [[], ['--log-level', 'trace']]) {
      const { code, stdout, stderr } = await runGolden([...argv, ...more], { env, files });
      expect(leaks(stdout + stderr)).toEqual([]);
      expect(code).toBe(2);
    }
  });
});
