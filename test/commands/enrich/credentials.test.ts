import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { realClock } from '../../../src/host.js';
import { type DemoEndpoint, type DemoOptions, startDemoEndpoint } from '../../../src/io/demo/endpoint.js';
import { ndjsonCases } from '../../helpers/binary.js';
import { FakeClock } from '../../helpers/clock.js';
import { type FaultServer, serve } from '../../helpers/fault-server.js';
import { folderWith } from '../../helpers/folder.js';
import { type MainOptions, type Outcome, runMain } from '../../helpers/run-main.js';
import { reportOf } from '../../helpers/results.js';

const PATH = process.env['PATH'];
const CANARY = 'c4n4ry-7f3a9c0e';

/** A folder with so many cases, a secret, and further files. */
function folderFor(count: number, files: Readonly<Record<string, string>> = {}): string {
  return folderWith({ 'cases.ndjson': ndjsonCases(count), secret: 'demo-secret\n', ...files });
}

/** Runs `enrich` there. */
function enrich(cwd: string, endpoint: string, args: readonly string[], more: MainOptions = {}): Promise<Outcome> {
  return runMain(['enrich', 'cases.ndjson', '--endpoint', endpoint, ...args], { cwd, env: { PATH }, ...more });
}

/** The built-in endpoint, which knows the cases, with tokens that live so long on this clock. */
async function demo(clock: FakeClock, tokenLifeMs: number, more: Partial<DemoOptions> = {}): Promise<DemoEndpoint> {
  const data = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`C-${at + 1}`, { n: at }]));
  return startDemoEndpoint({ clock, tokenLifeMs, data, ...more });
}

/** An endpoint that takes these tokens only, and keeps the `Authorization` of each call. */
async function takes(...tokens: string[]): Promise<FaultServer & { readonly seen: never; readonly sent: string[] }> {
  const sent: string[] = [];
  const server = await serve((request, response) => {
    const header = String(request.headers.authorization);
    sent.push(header);
    response.writeHead(tokens.some((token) => header === `Bearer ${token}`) ? 200 : 401).end(`{"sent":"${header}"}`);
  });
  return Object.assign(server, { sent }) as never;
}

function summaryOf(outcome: Outcome) {
  return reportOf(outcome.stdout).summary;
}

describe('a run over several lives of a token has no failed case', () => {
  test('OAuth 2: a token is renewed ahead of its end', async () => {
    const clock = new FakeClock();
    const requests: string[] = [];
    await using server = await demo(clock, 2_000, { delayMs: 100, onRequest: ({ url }) => void requests.push(url) });
    const cwd = folderFor(100);
    const oauth2 = ['--oauth2-client-id', 'me', '--oauth2-client-secret', '@secret', '--limit', '2'];
    const run = enrich(cwd, server.url, ['--oauth2-token-url', server.tokenUrl ?? '', ...oauth2], { clock });
    const outcome = await clock.passDuring(run);
    expect({ ...outcome, stdout: '' }).toMatchObject({ code: 0 });
    expect(summaryOf(outcome)).toMatchObject({ enriched: 100, attempts: 100, retries: 0 });
    expect(requests.filter((url) => url === '/token').length).toBeGreaterThan(2);
  });

  test('a command that says nothing of the end: refused calls are made again with one new token', async () => {
    const tokens = ['one'];
    const server = await takes('one');
    const endpoint = await serve((request, response) => {
      const token = `Bearer ${tokens.at(-1)}`;
      if (server.sent.push(String(request.headers.authorization)) === 10) tokens.push('two');
      response.writeHead(request.headers.authorization === token ? 200 : 401).end('{}');
    });
    const cwd = folderFor(40);
    const command = 'echo x >> asked; [ "$(wc -l < asked)" -eq 1 ] && echo one || echo two';
    const outcome = await enrich(cwd, endpoint.url, ['--token-command', command, '--limit', '5']);
    expect(outcome.code).toBe(0);
    expect(summaryOf(outcome)).toMatchObject({ enriched: 40, retries: 0 });
    expect(readFileSync(join(cwd, 'asked'), 'utf8')).toBe('x\nx\n');
  });

  test('a file that is written anew while calls wait', async () => {
    const cwd = folderFor(3, { token: 'old\n' });
    const server = await serve((request, response) => {
      const isGood = request.headers.authorization === 'Bearer new';
      if (!isGood) writeFileSync(join(cwd, 'token'), 'new\n');
      response.writeHead(isGood ? 200 : 401).end('{}');
    });
    const clock = new FakeClock();
    const outcome = await clock.passDuring(
      enrich(cwd, server.url, ['--token-file', 'token', '--limit', '1'], { clock }),
    );
    expect([outcome.code, summaryOf(outcome).enriched]).toEqual([0, 3]);
  });

  test('an API key under another name, refused by 403, in a batch and with shared requests', async () => {
    for (const shape of [['--batch', '10'], ['--share-requests'], ['--method', 'POST']]) {
      const seen: unknown[] = [];
      const server = await serve((request, response) => {
        seen.push(request.headers['x-api-key']);
        const isGood = request.headers['x-api-key'] === 'key=two';
        request.resume().on('end', () => {
          response.writeHead(isGood ? 200 : 403).end(shape[0] === '--batch' ? '[{},{},{}]' : '{}');
        });
      });
      const cwd = folderFor(3);
      const command = 'echo x >> asked; [ "$(wc -l < asked)" -eq 1 ] && echo one || echo two';
      const how = ['--token-header', 'X-Api-Key: key={token}', '--token-refresh-on', '401,403', '--limit', '1'];
      const outcome = await enrich(cwd, server.url, ['--token-command', command, ...how, ...shape]);
      expect([shape, outcome.code, summaryOf(outcome).enriched]).toEqual([shape, 0, 3]);
      expect([...new Set(seen)]).toEqual(['key=one', 'key=two']);
    }
  });
});

describe('a run that can have no token ends before the first call', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'a command that is missing',
      ['--token-command', 'no-such-4711'],
      /--token-command ended with code 127: .*not found/s,
    ],
    ['a file that is no program', ['--token-command', './secret'], /--token-command ended with code 126: /],
  ])('%s', async (_, args, message) => {
    const server = await takes('x');
    const outcome = await enrich(folderFor(3), server.url, args);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr.replace(/\n {7}/g, ' ')).toMatch(message);
    expect(reportOf(outcome.stdout).run.stoppedBy).toBe('auth');
    expect(server.sent).toEqual([]);
  });

  test('a client secret that the server does not know: its words, and exit code 4', async () => {
    const clock = new FakeClock();
    await using server = await demo(clock, 20_000);
    const args = ['--oauth2-token-url', server.tokenUrl ?? '', '--oauth2-client-id', 'me'];
    const cwd = folderFor(3, { wrong: CANARY });
    const outcome = await enrich(cwd, server.url, [...args, '--oauth2-client-secret', '@wrong']);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr.replace(/\n {7}/g, ' ')).toContain(
      'it answers 401 invalid_client (the client secret is wrong',
    );
    expect(server.stats.requests).toBe(1);
    expect(outcome.stderr + outcome.stdout).not.toContain(CANARY);
  });

  test.each<[string, readonly string[], string]>([
    [
      'fails',
      ['--token-command', 'echo "not logged in" >&2; exit 1'],
      '--token-command ended with code 1: not logged in',
    ],
    ['prints nothing', ['--token-command', 'true'], '--token-command printed nothing'],
    ['prints 10 MB', ['--token-command', 'head -c 10000000 /dev/zero'], '--token-command printed more than 64 KiB'],
    [
      'prints a control character',
      ['--token-command', `printf '${CANARY}\\033[31m'`],
      'the token has a character at position 16',
    ],
    [
      'has a line break in its JSON',
      ['--token-command', `echo '{"token":"${CANARY}\\\\n"}'`],
      'the token has a character at',
    ],
    ['is an empty file', ['--token-file', 'empty'], 'the token file empty is empty'],
  ])('%s: exit code 4, with why', async (_, args, message) => {
    const server = await takes('x');
    const outcome = await enrich(folderFor(3, { empty: '' }), server.url, [...args, '--max-outage', '0s']);
    expect(outcome.code).toBe(4);
    const said = outcome.stderr.replace(/\n {7}/g, ' ');
    expect(said.slice(0, said.indexOf('hint'))).toContain(`error: no token that ${server.url} takes: ${message}`);
    expect(server.sent).toEqual([]);
    expect(outcome.stderr + outcome.stdout).not.toContain(CANARY);
  });

  test('is asked again for as long as --max-outage, which is told once', async () => {
    const server = await takes('x');
    const [clock, cwd] = [new FakeClock(), folderFor(3, { empty: '' })];
    const outcome = await clock.passDuring(
      enrich(cwd, server.url, ['--token-file', 'empty', '--max-outage', '4s', '-v'], { clock }),
    );
    expect(outcome.code).toBe(4);
    expect(outcome.stderr.match(/no token, calls wait: the token file empty is empty; next try in 1s/g)).toHaveLength(
      1,
    );
    expect(outcome.stderr.match(/"msg":"no token"/g)).toHaveLength(4);
    expect(server.sent).toEqual([]);
  });

  test('a file that is not there: exit code 2', async () => {
    const server = await takes('x');
    const outcome = await enrich(folderFor(3), server.url, ['--token-file', 'secrets']);
    expect([outcome.code, outcome.stderr]).toEqual([
      2,
      'error: cannot read the token file secrets: no such file\n  hint: there is secret in this folder\n',
    ]);
    expect(server.sent).toEqual([]);
  });
});

test('an endpoint that answers 401 to some cases: those fail alone, and one other token is asked for', async () => {
  const server = await serve((request, response) => {
    response.writeHead(/[02468]$/.test(request.url ?? '') ? 401 : 200).end('{}');
  });
  const cwd = folderFor(40);
  const command = 'echo x >> asked; wc -l < asked';
  const outcome = await enrich(cwd, server.url, ['--token-command', command, '--limit', '1']);
  expect([outcome.code, summaryOf(outcome)]).toMatchObject([1, { enriched: 20, failed: 20 }]);
  expect(readFileSync(join(cwd, 'asked'), 'utf8').length / 2).toBeLessThanOrEqual(2);
});

test('an endpoint that takes no token: the run stops after two of them', async () => {
  const server = await takes();
  const cwd = folderFor(40);
  const command = 'echo x >> asked; wc -l < asked';
  const outcome = await enrich(cwd, server.url, ['--token-command', command, '--limit', '5', '-o', 'run.ndjson']);
  expect(outcome.code).toBe(4);
  expect(outcome.stderr).toContain('the endpoint refuses the new token too');
  expect(outcome.stderr).toContain('--resume');
  expect(server.sent.length).toBeLessThanOrEqual(10);
  expect(readFileSync(join(cwd, 'asked'), 'utf8').length / 2).toBe(2);
});

test('a run that goes on with other credentials calls nothing again', async () => {
  const server = await takes('one');
  const cwd = folderFor(5, { token: 'two\n' });
  const first = await enrich(cwd, server.url, ['--token-command', 'echo one', '-o', 'run.ndjson']);
  expect([first.code, server.sent.length]).toEqual([0, 5]);
  const how = ['--token-file', 'token', '--token-header', 'X-Api-Key: {token}', '-o', 'run.ndjson', '--resume'];
  const again = await enrich(cwd, server.url, how);
  expect([again.code, server.sent.length]).toEqual([0, 5]);
});

test('a redirect carries the token on the same origin', async () => {
  const sent: string[] = [];
  const server = await serve((request, response) => {
    sent.push(`${request.url} ${request.headers.authorization}`);
    if (request.url?.startsWith('/cases/')) response.writeHead(302, { location: '/v2' }).end();
    else response.end('{}');
  });
  const outcome = await enrich(folderFor(1), `${server.url}/cases/{id}`, ['--token-command', 'echo one']);
  expect([outcome.code, sent]).toEqual([0, ['/cases/C-1 Bearer one', '/v2 Bearer one']]);
});

describe('a dry run', () => {
  test.each<[readonly string[], string]>([
    [['--token-command', 'touch asked; echo x'], 'authorization: *** (from --token-command)'],
    [['--token-file', 'token', '--token-header', 'X-Api-Key: {token}'], 'x-api-key: *** (from --token-file)'],
    [
      [
        '--oauth2-token-url',
        `https://id.invalid/t?k=${CANARY}`,
        '--oauth2-client-id',
        'me',
        '--oauth2-client-secret',
        '@secret',
      ],
      'authorization: *** (from --oauth2-token-url)',
    ],
  ])('%j says where the token would come from, and gets none', async (args, line) => {
    const cwd = folderFor(2, { token: CANARY, secret: CANARY });
    const outcome = await enrich(cwd, 'https://api.invalid/{id}', [...args, '--dry-run']);
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain(`\n  ${line}\n`);
    expect(outcome.stdout + outcome.stderr).not.toContain(CANARY);
    expect(outcome.stderr).not.toContain('touch asked');
    expect(readdirSync(cwd)).not.toContain('asked');
  });

  test('names the key of a configuration', async () => {
    const cwd = folderFor(1, { 'own.json': '{"tokenCommand":"echo x"}' });
    const outcome = await enrich(cwd, 'https://api.invalid/{id}', ['--config', 'own.json', '--dry-run']);
    expect(outcome.stdout).toContain('  authorization: *** (from tokenCommand in own.json)\n');
  });
});

test('a header that was good for a while and then refused: the hint names what renews one', async () => {
  let calls = 0;
  const server = await serve((_, response) => response.writeHead(++calls > 60 ? 401 : 200).end('{}'));
  const outcome = await enrich(folderFor(100), server.url, ['--header', `Authorization: Bearer ${CANARY}`]);
  expect(outcome.code).toBe(4);
  expect(outcome.stderr.replace(/\n\s+/g, ' ')).toContain(
    'sent Authorization: *** from --header; has it ended? --token-command, --token-file or --oauth2-token-url renew it',
  );
  expect(outcome.stderr).not.toContain(CANARY);
});

describe('a token is in no byte of any output', () => {
  test.each(['auto', 'json'])('also when the endpoint echoes it, at trace, with the log as %s', async (logFormat) => {
    let calls = 0;
    const server = await serve((request, response) => {
      const sent = String(request.headers.authorization);
      const status = [200, 404, 401, 500][calls++ % 4] ?? 200;
      response
        .writeHead(status, `no ${sent}`, { 'x-echo': sent })
        .end(status === 200 ? '{}' : `{"error":"no ${sent}"}`);
    });
    const cwd = folderFor(20, { canary: CANARY });
    const command = `echo x >> asked; echo "$(cat canary)-$(wc -l < asked | tr -d ' ')"`;
    const how = ['--log-level', 'trace', '--log-format', logFormat, '-o', 'run.ndjson', '--dead-letter', 'dead.ndjson'];
    const outcome = await enrich(cwd, server.url, ['--token-command', command, ...how, '--retries', '0'], {
      clock: realClock,
    });
    rmSync(join(cwd, 'canary'));
    for (const format of ['html', 'markdown', 'json', 'junit', 'table']) {
      const page = await runMain(['report', 'run.ndjson', '--format', format], { cwd });
      writeFileSync(join(cwd, `report.${format}`), page.stdout + page.stderr);
    }
    const written = readdirSync(cwd).map((name) => readFileSync(join(cwd, name), 'utf8'));
    const all = [outcome.stdout, outcome.stderr, ...written].join('\n');
    expect(all).toContain('no Bearer ***');
    expect(all).not.toContain(CANARY);
  });

  test('nor is the client secret, or what stands in the query of the token URL, when the server repeats them', async () => {
    const server = await serve((request, response) => {
      const words = `no ${request.url} for ${request.headers.authorization}`;
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_client', error_description: words }));
    });
    const cwd = folderFor(2, { secret: `${CANARY}+1` });
    const oauth2 = ['--oauth2-client-id', 'my-client', '--oauth2-client-secret', '@secret', '--log-level', 'trace'];
    const run = await enrich(cwd, server.url, ['--oauth2-token-url', `${server.url}/t?key=q7-${CANARY}`, ...oauth2]);
    expect([run.code, run.stderr]).toEqual([4, expect.stringMatching(/no\s+\/t\?key=\*\*\*\s+for\s+Basic\s+\*\*\*\)/)]);
    expect(run.stderr + run.stdout).not.toMatch(
      new RegExp(`${CANARY}|${btoa(`my-client:${CANARY}`).slice(0, 24)}|q7-`),
    );
  });

  test('nor in what a command says that has another one no more', async () => {
    let calls = 0;
    const server = await serve((_, response) => response.writeHead(++calls > 5 ? 401 : 200).end('{}'));
    const cwd = folderFor(20, { canary: CANARY });
    const command = 'if mkdir once; then cat canary; else echo "last was $(cat canary)" >&2; exit 1; fi';
    const how = ['--log-level', 'trace', '--limit', '1', '--max-outage', '0s'];
    const outcome = await enrich(cwd, server.url, ['--token-command', command, ...how]);
    expect([outcome.code, outcome.stderr]).toEqual([4, expect.stringContaining('last was ***')]);
    expect(outcome.stderr + outcome.stdout).not.toContain(CANARY);
  });
});
