import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runMain } from '../../helpers/run-main.js';

const folder = mkdtempSync(join(tmpdir(), 'case-tracker-dry-run-'));
writeFileSync(join(folder, 'cases.ndjson'), '{"id":"a"}\n{"id":"b"}\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a dry run says which endpoint, headers and body are in force, and hides only the secrets in them', async () => {
  const endpoint = 'https://user:pa55word@api.example.com/{id}?key=s3cr3t';
  const headers = ['--header', 'authorization: Bearer t0k3n', '--header', 'accept: text/json'];
  const body = ['--method', 'POST', '--body', '{"case":{id},"echo":"t0k3n"}'];
  const outcome = await runMain(['enrich', 'cases.ndjson', '--dry-run', '--endpoint', endpoint, ...headers, ...body], {
    cwd: folder,
  });
  expect(outcome.code).toBe(0);
  expect(outcome.stderr).toMatch(/^endpoint +https:\/\/\*\*\*@api\.example\.com\/\{id\}\?key=\*\*\* +--endpoint$/m);
  expect(outcome.stderr).toMatch(/^headers +authorization: \*\*\*, accept: text\/json +--header$/m);
  expect(outcome.stderr).toMatch(/^body +\{"case":\{id\},"echo":"\*\*\*"\} +--body$/m);
  expect(outcome.stdout).toContain('POST https://***@api.example.com/a?key=***\n');
  expect(outcome.stdout + outcome.stderr).not.toMatch(/pa55word|s3cr3t|t0k3n/);
});

test('a dry run names the built-in endpoint as the user did', async () => {
  const outcome = await runMain(['enrich', 'cases.ndjson', '--dry-run', '--endpoint', 'demo'], { cwd: folder });
  expect(outcome.stderr).toMatch(/^endpoint +demo +--endpoint$/m);
});

test('a dry run ends with a count', async () => {
  const dry = (file: string): ReturnType<typeof runMain> =>
    runMain(['enrich', file, '--dry-run', '--endpoint', 'http://h/{id}/{x}'], { cwd: folder });
  writeFileSync(join(folder, 'bad.ndjson'), '{"id":"a","x":1}\n{"id":"b"}\n{}\n');
  writeFileSync(join(folder, 'good.ndjson'), '{"id":"a","x":1}\n');
  expect((await dry('good.ndjson')).stderr).toMatch(/\n\n1 case would be called; nothing was sent\n$/);
  const bad = await dry('bad.ndjson');
  expect([bad.code, bad.stderr.split('\n').at(-2)]).toEqual([
    1,
    '1 case would be called; 2 more are invalid; nothing was sent',
  ]);
});
