/** Client certificates by the whole program: what is refused before the first call, what failures say, what is shown. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PASSPHRASE, pem, pemPath, serveTls } from '../helpers/certificates.js';
import { folderWith } from '../helpers/folder.js';
import { messageOf } from '../helpers/golden.js';
import { resultLinesOf } from '../helpers/results.js';
import { runMain } from '../helpers/run-main.js';

const NAMES = ['both.pem', 'client.der', 'client.key', 'client.pem', 'client.pfx', 'expired.pem', 'future.pem'];
const MORE = ['legacy.pfx', 'locked.key', 'root.pem', 'server.key', 'stranger.key', 'stranger.pem'];

function folder(): string {
  const files = Object.fromEntries([...NAMES, ...MORE].map((name) => [name, pem(name)]));
  const cases = ['a', 'b', 'c'].map((id) => `{"id":"${id}"}\n`).join('');
  return folderWith({ '.git/HEAD': '', 'cases.ndjson': cases, pass: `${PASSPHRASE}\n`, wrong: 'wrong\n', ...files });
}

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function enrich(url: string, args: string, { cwd = folder(), env = {} }: Options = {}) {
  return runMain(['enrich', 'cases.ndjson', '--endpoint', url, ...args.split(' ').filter(Boolean)], { cwd, env });
}

const PAIR = '--cert client.pem --key client.key';

describe('refused before the first call, exit code 2', () => {
  test.each([
    ['--cert none.pem --key client.key', 'error: --cert: cannot read none.pem: no such file\n  hint: --cert takes the'],
    [
      '--cert clientpem --key client.key',
      'error: --cert: cannot read clientpem: no such file\n  hint: there is client.pem',
    ],
    ['--cert client.pem --key .git', 'error: --key: cannot read .git: it is a folder\n  hint: --key takes the path of'],
    ['--cert client.pem', 'error: --cert client.pem has no private key in it\n  hint: --key names its file\n'],
    [
      '--key client.key',
      'error: --key is the key of a client certificate, and there is none\n  hint: --cert FILE names',
    ],
    [
      '--cert client.pem --key stranger.key',
      'error: --key stranger.key is not the key of the certificate in --cert client.pem\n',
    ],
    ['--cert client.key --key client.pem', 'error: --cert client.key has no certificate in it, but a private key\n'],
    [
      '--cert client.der --key client.key',
      'error: --cert client.der has no certificate in PEM in it\n  hint: it looks',
    ],
    [
      '--cert client.pem --key locked.key',
      'error: the private key in --key locked.key is locked by a passphrase\n  hint: --key-passphrase @FILE unlocks it\n',
    ],
    [
      '--cert client.pem --key locked.key --key-passphrase @wrong',
      'error: --key-passphrase does not unlock the private key in --key locked.key\n',
    ],
    ['--pfx client.pfx', 'error: --pfx client.pfx is locked by a passphrase\n'],
    ['--pfx client.pfx --key-passphrase @wrong', 'error: --key-passphrase does not unlock --pfx client.pfx\n'],
    ['--pfx legacy.pfx --key-passphrase @pass', 'error: --pfx legacy.pfx is encrypted in a way that is no longer supp'],
    [
      '--pfx client.pem',
      'error: --pfx client.pem is not PKCS#12 (.pfx, .p12), but PEM\n  hint: --cert and --key take PEM',
    ],
    ['--cert expired.pem --key client.key', 'error: the certificate in --cert expired.pem has expired, at 2021-01-01T'],
    [
      '--cert future.pem --key client.key',
      'error: the certificate in --cert future.pem does not count before 2119-01-',
    ],
    ['--ca cases.ndjson', 'error: --ca cases.ndjson has no certificate in PEM in it\n'],
    [`${PAIR} --key-passphrase ${PASSPHRASE}`, 'error: --key-passphrase takes the file of a secret: on the command'],
  ])('%s', async (args, message) => {
    const server = await serveTls();
    const { code, stdout, stderr } = await enrich(server.url, args);
    expect([code, stdout, server.connections]).toEqual([2, '', 0]);
    expect(stderr.slice(0, message.length)).toBe(message);
    expect(stderr).not.toContain(PASSPHRASE);
  });

  test('a variable that is no path is not shown', async () => {
    const env = { CASE_TRACKER_KEY: 'c4n4ry-api-key' };
    const { code, stderr } = await enrich('https://127.0.0.1:1', '--cert client.pem', { env });
    expect([code, messageOf(stderr)]).toEqual([
      2,
      'error: --key: cannot read the file of CASE_TRACKER_KEY: no such file\n  hint: --key takes the path of a file\n',
    ]);
  });
});

describe('a run', () => {
  test.each([
    `--ca root.pem ${PAIR}`,
    '--ca root.pem --cert both.pem',
    '--ca root.pem --cert client.pem --key locked.key --key-passphrase @pass',
    '--ca root.pem --pfx client.pfx --key-passphrase @pass',
  ])('with %s', async (args) => {
    const server = await serveTls();
    const { code, stderr } = await enrich(server.url, args);
    expect({ code, stderr, calls: server.calls.map(({ client }) => client) }).toMatchObject({
      code: 0,
      calls: Array(3).fill('Test Client'),
    });
  });

  test('resumes what one with another certificate has begun: keys do not depend on it', async () => {
    const [server, cwd] = [await serveTls(), folder()];
    const first = await enrich(server.url, `--ca root.pem ${PAIR} --first 2 -o run.ndjson`, { cwd });
    const args = '--ca root.pem --pfx client.pfx --key-passphrase @pass -o run.ndjson --resume';
    const second = await enrich(server.url, args, { cwd });
    expect([first.code, second.code, new Set(server.calls.map(({ url }) => url))]).toEqual([
      0,
      0,
      new Set(['/a', '/b', '/c']),
    ]);
  });

  test.each([
    ['TLSv1.2', '', /wants? a client certificate/, 'give a client certificate: --cert FILE --key FILE, or --pfx FILE'],
    ['TLSv1.3', '', /wants? a client certificate/, 'give a client certificate: --cert FILE --key FILE, or --pfx FILE'],
    [
      'TLSv1.3',
      '--cert stranger.pem --key stranger.key --retries 0',
      /closed the connection right after the TLS handshake/,
      'does it want a client certificate, or another one? --cert, --pfx',
    ],
  ] as const)('%s %s fails by name, with the flags that mend it', async (version, args, message, hint) => {
    const server = await serveTls({ minVersion: version, maxVersion: version });
    const { code, stdout, stderr } = await enrich(server.url, `--ca root.pem ${args} --format ndjson`);
    const { results } = resultLinesOf(stdout);
    expect([code, results.map(({ status, attempts }) => [status, attempts])]).toEqual([
      1,
      Array(3).fill(['failed', 1]),
    ]);
    expect(results[0]?.error?.message).toMatch(message);
    expect(stderr.replaceAll(/\n\s+/g, ' ')).toContain(`→ ${hint}`);
  });

  test('an authority that is missing is named with the flag', async () => {
    const server = await serveTls();
    const { stderr } = await enrich(server.url, PAIR);
    expect(stderr.replaceAll(/\n\s+/g, ' ')).toContain(
      "issued by Test Intermediate, is not trusted (UNABLE_TO_GET_ISSUER_CERT_LOCALLY) a, b, c → if you trust its issuer, name the issuer's certificate: --ca FILE.pem",
    );
  });
});

describe('what is shown', () => {
  test('a dry run says where the parts come from, reads them, and calls nothing', async () => {
    const [server, cwd] = [await serveTls(), folder()];
    const env = { CASE_TRACKER_KEY_PASSPHRASE: '@pass', CASE_TRACKER_CA: pemPath('root.pem') };
    const { code, stdout, stderr } = await enrich(server.url, '--pfx client.pfx --dry-run', { cwd, env });
    expect([code, server.connections]).toEqual([0, 0]);
    expect(stderr).toMatch(/^pfx +client\.pfx +--pfx$/m);
    expect(stderr).toMatch(/^keyPassphrase +\*\*\* +CASE_TRACKER_KEY_PASSPHRASE$/m);
    expect(stderr).toMatch(/^ca +.*root\.pem +CASE_TRACKER_CA$/m);
    expect(stderr).not.toMatch(/^(?:cert|key) /m);
    expect(stdout + stderr).not.toContain(PASSPHRASE);
    const broken = await enrich(server.url, '--pfx client.pfx --dry-run --key-passphrase @wrong', { cwd });
    expect(broken.code).toBe(2);
  });

  test('neither key nor passphrase stands in any output at any level, even when the endpoint answers with it', async () => {
    const cwd = folder();
    const echo = `{"error":"${PASSPHRASE}"}`;
    const server = await serveTls({}, (_, response) => response.writeHead(400).end(echo));
    const args = '--ca root.pem --cert client.pem --key locked.key --key-passphrase @pass --log-level trace -v';
    const outcome = await enrich(server.url, `${args} -o run.ndjson --overwrite --format ndjson`, { cwd });
    expect(server.calls).toHaveLength(3);
    const journal = readFileSync(join(cwd, 'run.ndjson'), 'utf8');
    const shown = outcome.stdout + outcome.stderr + journal;
    const secrets = [PASSPHRASE, ...keyLines('client.key'), ...keyLines('locked.key')];
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(journal).toContain(String.raw`{\"error\":\"***\"}`);
  });
});

function keyLines(name: string): string[] {
  return pem(name)
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('-----'));
}
