import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ndjsonCases, runBinary, type RunningBinary, startBinary } from '../helpers/binary.js';
import { pem, serveTls } from '../helpers/certificates.js';
import { serve } from '../helpers/fault-server.js';
import { folderWith } from '../helpers/folder.js';
import { reportOf, resultLinesOf } from '../helpers/results.js';

const SAMPLE = ['CASE-001', 'CASE-002', 'CASE-003'].map((id) => `{"id":"${id}"}\n`).join('');

/** The process ids of everything that a command line has started, by a word in it. */
function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word) && Number(pid) !== process.pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe.each<[string, string]>([
  ['OAuth 2', '--oauth2-token-url TOKEN --oauth2-client-id me --oauth2-client-secret @secret.txt'],
  [
    'OAuth 2 with the secret in the form',
    '--oauth2-token-url TOKEN --oauth2-client-id me --oauth2-client-secret @secret.txt --oauth2-auth body',
  ],
  ['a command', '--token-command ASK'],
])('%s', (_, flags) => {
  test('gives tokens for the built-in endpoint', async () => {
    const serving = startBinary(['serve', '--token-life', '1h']);
    await serving.shows('stderr', 'Ctrl-C stops it');
    const endpoint = serving.stdout().trim();
    const token = endpoint.replace('/cases/{id}', '/token');
    const cwd = folderWith({ 'cases.ndjson': SAMPLE, 'secret.txt': 'demo-secret\n' });
    const ask = `node -e 'fetch("${token}",{method:"POST",body:new URLSearchParams({grant_type:"client_credentials",client_id:"x",client_secret:"demo-secret"})}).then(r=>r.text()).then(console.log)'`;
    const args = flags.split(' ').map((word) => ({ TOKEN: token, ASK: ask })[word] ?? word);
    const { code, stdout, stderr } = await runBinary(['enrich', 'cases.ndjson', '--endpoint', endpoint, ...args], {
      cwd,
    });
    expect({ stderr, code, enriched: reportOf(stdout).summary.enriched }).toMatchObject({ code: 0, enriched: 3 });
    expect(stdout + stderr).not.toMatch(/demo-token-|demo-secret\b(?!"}\))/);
  });
});

test('a token URL with a certificate of its own authority, asked with a client certificate', async () => {
  const server = await serveTls({}, (request, response) => {
    const isToken = request.url === '/token';
    if (isToken) return response.end('{"access_token":"abc","token_type":"bearer"}');
    return response.writeHead(request.headers.authorization === 'Bearer abc' ? 200 : 401).end('{}');
  });
  const files = {
    'cases.ndjson': SAMPLE,
    s: 'x',
    'ca.pem': pem('root.pem'),
    'c.pem': pem('client.pem'),
    'c.key': pem('client.key'),
  };
  const cwd = folderWith(files);
  const tls = ['--ca', 'ca.pem', '--cert', 'c.pem', '--key', 'c.key'];
  const oauth2 = [
    '--oauth2-token-url',
    `${server.url}/token`,
    '--oauth2-client-id',
    'me',
    '--oauth2-client-secret',
    '@s',
  ];
  const { code, stderr } = await runBinary(['enrich', 'cases.ndjson', '--endpoint', server.url, ...tls, ...oauth2], {
    cwd,
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(server.calls.map(({ url }) => url)).toEqual(['/token', '/CASE-001', '/CASE-002', '/CASE-003']);
});

test('a token file that somebody else keeps fresh', async () => {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(50), token: 'one\n' });
  let good = 'one';
  let calls = 0;
  const server = await serve((request, response) => {
    if (++calls === 20) {
      good = 'two';
      writeFileSync(join(cwd, 'token'), '{"token":"two","expires_in":3600}');
    }
    response.writeHead(request.headers.authorization === `Bearer ${good}` ? 200 : 401).end('{}');
  });
  const run = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--token-file', 'token', '-o', 'run.ndjson'];
  const { code, stderr } = await runBinary(run, { cwd });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { closing } = resultLinesOf(readFileSync(join(cwd, 'run.ndjson'), 'utf8'));
  expect(closing?.summary).toMatchObject({ enriched: 50, failed: 0, retries: 0 });
});

describe('Ctrl-C while a command hangs', () => {
  async function hanging(word: string): Promise<RunningBinary> {
    const server = await serve((_, response) => response.end('{}'));
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3) });
    // A shell that ignores what a polite end would send, and a child of it.
    const command = `trap '' INT TERM HUP; echo begun > begun; sleep 600.${word} & wait; sleep 600.${word}`;
    const run = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--token-command', command, '-o', 'run.ndjson'];
    const running = startBinary(run, { cwd });
    await vi.waitFor(() => expect(processesWith(`600.${word}`).length).toBeGreaterThan(1), 10_000);
    return running;
  }

  test('ends the run at once, and leaves no process behind', async () => {
    const running = await hanging('471101');
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toMatchObject({ code: 130 });
    await vi.waitFor(() => expect(processesWith('600.471101')).toEqual([]), 5_000);
  });

  test('three times, too', async () => {
    const running = await hanging('471102');
    for (let times = 0; times < 3; times++) running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    await vi.waitFor(() => expect(processesWith('600.471102')).toEqual([]), 5_000);
  });
});
