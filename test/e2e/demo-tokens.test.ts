import { expect, test } from 'vitest';
import { ndjsonCases, runBinary, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { reportOf } from '../helpers/results.js';

test('serve --token-life refuses calls without a token and takes those with one that it gave', async () => {
  const serving = startBinary(['serve', '--token-life', '1h']);
  await serving.shows('stderr', 'Ctrl-C stops it');
  const endpoint = serving.stdout().trim();
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'me',
    client_secret: 'demo-secret',
  });
  const granted = await fetch(endpoint.replace('/cases/{id}', '/token'), { method: 'POST', body: form });
  const { access_token: token, expires_in: seconds } = (await granted.json()) as Record<string, unknown>;
  expect(seconds).toBe(3600);

  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(2), headers: `Authorization: Bearer ${String(token)}\n` });
  const enrich = ['enrich', 'cases.ndjson', '--endpoint', endpoint];
  const refused = await runBinary(enrich, { cwd });
  const taken = await runBinary([...enrich, '--header', '@headers'], { cwd });
  expect(reportOf(refused.stdout).results.map(({ error }) => error?.httpStatus)).toEqual([401, 401]);
  // The demo endpoint does not know these cases, but it let the calls in.
  expect(reportOf(taken.stdout).results.map(({ error }) => error?.httpStatus)).toEqual([404, 404]);
  expect(taken.stdout + taken.stderr).not.toContain(String(token));
});
