import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serve } from '../../helpers/fault-server.js';
import { runMain, type Outcome } from '../../helpers/run-main.js';

const TOKEN = 'Zm9v+Zg/9Q+t0k';

test('a 401 that echoes a token with its signs escaped shows it neither in the results nor, decoded, in the summary', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(401).end(`{"message":"no access for ${TOKEN.replaceAll('+', String.raw`\u002B`)}"}`);
  });
  const run = await enrich(`${server.url}/{id}`, ['--header', `x-api-key: ${TOKEN}`, '--log-level', 'debug']);
  expect(run.code).toBe(1);
  expect(run.stdout + run.stderr).not.toContain('Zm9v');
  expect(run.stderr).toContain('no access for ***');
});

test('an answer to a batch that echoes a header shows it nowhere', async () => {
  const server = await serve((request, response) => {
    const error = `no access for ${String(request.headers['x-api-key'])}`;
    request.resume().on('end', () => response.end(JSON.stringify([{ error }])));
  });
  const run = await enrich(server.url, ['--header', `x-api-key: ${TOKEN}`, '--batch', '10']);
  expect(run.code).toBe(1);
  expect(run.stdout + run.stderr).not.toContain('Zm9v');
  expect(run.stdout).toContain('no access for ***');
});

test('a header secret of 28 KB and more ends in an ordinary failure, and no error has it', async () => {
  const server = await serve((_request, response) => response.end('{}'));
  const secret = Array.from({ length: 6000 }, (_, at) => `k${at}+`).join('');
  const run = await enrich(`${server.url}/{id}`, ['--header', '@headers.txt'], {
    'headers.txt': `x-long: ${secret}\n`,
  });
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('"httpStatus":431');
  expect(run.stdout + run.stderr).not.toContain('k1+k2');
});

test.each(['https://u:S3CR/ET@h/{id}', 'http:/u:S3CR@h/{', 'https://u:S3CR#ET@h/{id}', 'u:S3CR@h/{id}'])(
  'a mistyped endpoint is not printed with its password: %s',
  async (endpoint) => {
    for (const more of [[], ['--dry-run'], ['--log-format', 'json'], ['--log-level', 'debug']]) {
      const run = await enrich(endpoint, more);
      expect(run.code).toBe(2);
      expect(run.stdout + run.stderr).not.toContain('S3CR');
    }
  },
);

test('?v=1 makes no 127.0.0.*** of the address, and is hidden where it stands', async () => {
  const server = await serve((_request, response) => response.writeHead(404).end());
  const run = await enrich(`${server.url}/{id}?v=1`, ['--header', 'x-tenant: 0', '-o', 'run.ndjson']);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(`--endpoint '${server.url}/{id}?v=***'`);
  expect(run.stderr).toContain("'x-tenant: ***'");
  expect(run.stderr).not.toContain('0.***');
});

async function enrich(
  endpoint: string,
  more: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), 'case-tracker-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const [name, text] of Object.entries({ 'cases.ndjson': '{"id":"C-1"}\n', ...files })) {
    writeFileSync(join(cwd, name), text);
  }
  return runMain(['enrich', 'cases.ndjson', '--endpoint', endpoint, ...more], { cwd });
}
