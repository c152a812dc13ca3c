import { expect, test } from 'vitest';
import { ndjsonCases, runBinary, runShell } from '../helpers/binary.js';
import { PASSPHRASE, pem, pemPath, serveTls } from '../helpers/certificates.js';
import { folderWith } from '../helpers/folder.js';
import { reportOf } from '../helpers/results.js';

const files = { 'cases.ndjson': ndjsonCases(3), 'client.pfx': pem('client.pfx'), 'client.pem': pem('client.pem') };

test('the passphrase comes from a command, without a file; further authorities stand beside NODE_EXTRA_CA_CERTS', async () => {
  const server = await serveTls();
  const cwd = folderWith(files);
  const script = `NODE_EXTRA_CA_CERTS="$2" ct enrich cases.ndjson --endpoint "$1" --ca "$3" --pfx client.pfx \\
    --key-passphrase @<(printf '%s\\n' "$4")`;
  const args = [server.url, pemPath('root.pem'), pemPath('stranger.pem'), PASSPHRASE] as const;
  const { code, stdout, stderr } = await runShell(script, cwd, ...args);
  expect({ stderr, code, enriched: reportOf(stdout).summary.enriched }).toMatchObject({ code: 0, enriched: 3 });
  expect(server.calls.map(({ client }) => client)).toEqual(['Test Client', 'Test Client', 'Test Client']);
});

test('a certificate without a key, and none where one is wanted', async () => {
  const server = await serveTls();
  const enrich = (...args: readonly string[]) =>
    runBinary(['enrich', 'cases.ndjson', '--endpoint', server.url, '--ca', pemPath('root.pem'), ...args], {
      cwd: folderWith(files),
    });
  const unusable = await enrich('--cert', 'client.pem');
  expect([unusable.code, unusable.stdout, unusable.stderr]).toEqual([
    2,
    '',
    'error: --cert client.pem has no private key in it\n  hint: --key names its file\n',
  ]);
  const missing = await enrich();
  expect([missing.code, reportOf(missing.stdout).summary.attempts, server.calls]).toEqual([1, 3, []]);
  expect(missing.stderr).toContain('--cert FILE --key FILE');
});
