/** What makes the program fast, held as structure: seconds differ from machine to machine, this does not. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { closingLine, resultLine } from '../src/core/results/result-text.js';
import type { FromWorker } from '../src/io/sources/entry-batch.js';
import { readInputs } from '../src/io/sources/file/read-inputs.js';
import { startCommand } from './helpers/binary.js';
import { enriched, runInfo, summary } from './helpers/samples.js';
import { EXECUTABLE } from './helpers/program.js';

const RECORDER = new URL('helpers/loaded-modules.mjs', import.meta.url).href;
const CASES = fileURLToPath(new URL('../data/cases.json', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'case-tracker-structure-'));
const JOURNAL = join(folder, 'run.ndjson');
writeFileSync(JOURNAL, `${resultLine(enriched('a'))}\n${closingLine(runInfo(), summary({ total: 1, enriched: 1 }))}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

/** URLs of all modules that a command line loads, and `thread:` for each thread. */
async function modulesOf(...args: readonly string[]): Promise<string[]> {
  const record = join(folder, 'modules.txt');
  writeFileSync(record, '');
  const options = { env: { LOADED_MODULES: record }, cwd: folder };
  await startCommand([process.execPath, '--import', RECORDER, EXECUTABLE, ...args], options).ended;
  return readFileSync(record, 'utf8').trimEnd().split('\n');
}

/** More than 256 KiB, and nothing tells how much it is: it takes a thread on every machine. */
function compressed(): string {
  const path = join(folder, 'large.ndjson.gz');
  const line = (_: unknown, at: number): string => `{"id":"case-${at}","title":"${'x'.repeat(100)}"}\n`;
  writeFileSync(path, gzipSync(Array.from({ length: 3000 }, line).join('')));
  return path;
}

function packagesAmong(modules: readonly string[]): string[] {
  const names = modules.map((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

test.each([
  { args: ['--version'], packages: [] },
  { args: ['--help'], packages: [] },
  { args: ['enrich', '--help'], packages: [] },
  { args: ['list', CASES], packages: [] },
  { args: ['list', CASES, '--sort', 'priority', '--format', 'table'], packages: [] },
  { args: ['enrich', CASES, '--endpoint', 'demo', '--first', '1'], packages: [] },
  // Results that were saved are checked without zod, which only an error message needs.
  { args: ['report', JOURNAL], packages: [] },
  {
    args: ['enrich', CASES, '--endpoint', 'demo', '--first', '1', '-o', JOURNAL, '--resume'],
    packages: [],
  },
])('$args loads of all packages only $packages', async ({ args, packages }) => {
  expect(packagesAmong(await modulesOf(...args))).toEqual(packages);
});

test('what gives tokens is loaded where it is used', async () => {
  const bundled = async (...args: readonly string[]): Promise<string[]> => {
    const modules = await modulesOf('enrich', CASES, '--endpoint', 'demo', '--first', '1', ...args);
    return modules
      .filter((url) => /\/bundle\/(?:token-|oauth2)/.test(url))
      .map((url) => url.replace(/.*\/|-[^-]*$/g, ''));
  };
  expect(await bundled()).toEqual([]);
  const command = await bundled('--token-command', 'echo x');
  expect(command.toSorted()).toEqual(['token-command', 'token-text']);
});

test('the live page is loaded where it is asked for', async () => {
  const enrich = ['enrich', CASES, '--endpoint', 'demo', '--first', '1'];
  const pages = (modules: readonly string[]): string[] => modules.filter((url) => /\/bundle\/live-(?!feed)/.test(url));
  expect(pages(await modulesOf(...enrich))).toEqual([]);
  const live = await modulesOf(...enrich, '--live');
  expect(pages(live)).toHaveLength(1);
  expect(packagesAmong(live)).toEqual(['hono', 'ws']);
});

test('what tells webhooks is loaded where there are any', async () => {
  // Nobody listens there: three tries that are refused at once.
  writeFileSync(join(folder, 'hooks'), 'http://127.0.0.1:1/x\n');
  const bundled = async (...args: readonly string[]): Promise<string[]> => {
    const modules = await modulesOf('enrich', CASES, '--endpoint', 'demo', '--first', '1', ...args);
    return modules.filter((url) => url.includes('/bundle/notifications-'));
  };
  expect(await bundled()).toEqual([]);
  expect(await bundled('--notify', '@hooks', '--dry-run')).toEqual([]);
  expect(await bundled('--notify', '@hooks')).toHaveLength(1);
});

// A little more than now, so that a new setting is no reason to come here.
test.each([
  { args: ['--version'], files: 3, kilobytes: 22 },
  { args: ['--help'], files: 7, kilobytes: 160 },
  { args: ['list', CASES], files: 14, kilobytes: 400 },
  { args: ['enrich', CASES, '--endpoint', 'demo', '--first', '1'], files: 29, kilobytes: 1100 },
])('$args loads at most $files files of the bundle, $kilobytes KB', async ({ args, files, kilobytes }) => {
  const modules = await modulesOf(...args);
  expect(modules.filter((url) => /\/dist\/(?!bundle\/)/.test(url))).toEqual([]);
  const bundled = [...new Set(modules.filter((url) => url.includes('/dist/bundle/')))];
  const bytes = bundled.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0);
  expect(bundled.length).toBeLessThanOrEqual(files);
  expect(bytes).toBeLessThanOrEqual(kilobytes * 1000);
});

test('of undici the bundle has only the client: no fetch and what belongs to it, no http2', () => {
  const folder = fileURLToPath(new URL('../dist/bundle/', import.meta.url));
  const code = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const parts = new Set(code.flatMap((text) => text.match(/(?<=^\/\/ node_modules\/undici\/lib\/)\S+/gm) ?? []));
  expect(parts).toContain('dispatcher/client.js');
  expect([...parts].filter((part) => /^(?:api|cache|interceptor|mock|web)\//.test(part))).toEqual([]);
  expect(code.filter((text) => text.includes('node:http2'))).toEqual([]);
});

test("one answer does not make V8 optimize undici's parser, which takes longer than all the rest", async () => {
  const args = ['enrich', CASES, '--endpoint', 'demo', '--first', '1'];
  const node = [process.execPath, '--trace-wasm-compilation-times'];
  const { stdout } = await startCommand([...node, EXECUTABLE, ...args], { cwd: folder }).ended;
  expect(stdout).toContain('"caseId"');
  expect(stdout).not.toContain('TurboFan');
});

test('a small file is read without a thread, one of unknown size with one', async () => {
  expect(await modulesOf('list', CASES)).not.toContain('thread:');
  expect(await modulesOf('list', compressed(), '--count')).toContain('thread:');
});

test('the reading thread posts no more than 10 messages for 1,000 cases', async () => {
  const count = 20_000;
  const path = join(folder, 'cases.ndjson');
  const line = (_: unknown, at: number): string => JSON.stringify({ id: `case-${at}`, title: 'x'.repeat(200) });
  writeFileSync(path, `${Array.from({ length: count }, line).join('\n')}\n`);
  const messages: FromWorker[] = [];
  const plan = { inputs: [{ file: path, name: path, path }], root: undefined, selection: {}, now: 0, seed: 0 };
  await readInputs(
    { ...plan, showInvalid: false, countOnly: false, keepGoing: false },
    { post: (message) => messages.push(message), credit: () => Promise.resolve() },
  );
  const entries = messages.reduce((sum, one) => sum + (one.type === 'batch' ? one.batch.texts.length : 0), 0);
  expect(entries).toBe(count);
  expect(messages.length).toBeLessThanOrEqual((count / 1000) * 10);
});
