/** Names that every object of JavaScript has: as fields, values, ids, kinds and endings they are names like any other. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../helpers/folder.js';
import { serve } from '../helpers/fault-server.js';
import { runMain } from '../helpers/run-main.js';

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  'toLocaleString',
] as const;

/** A case with such an id, such a field, and such a value in each known field. */
const caseLine = (name: string, value = 'x'): string =>
  `{"id":"${name}","priority":"${name}","status":"${name}","tags":["${name}"],"${name}":"${value}"}\n`;
const CASES = NAMES.map((name) => caseLine(name)).join('');

const run = (argv: readonly string[], cwd: string): ReturnType<typeof runMain> => runMain(argv, { cwd });

describe.each(NAMES)('the name %s', (name) => {
  test.each([
    ['is a field that no case has, for list', ['list', 'plain.ndjson', '--fields', `id,${name}`], 0],
    ['is a column of a table', ['list', 'plain.ndjson', '--fields', name, '--format', 'table'], 0],
    ['is a field to sort by', ['list', 'cases.ndjson', '--sort', name], 0],
    ['is a value to select', ['list', 'cases.ndjson', '--status', name, '--tag', name, '--priority', name], 0],
    ['is a field to compare', ['list', 'cases.ndjson', '--where', `${name}=x`, '--where', `${name}!=y`], 0],
    ['is an id', ['list', 'cases.ndjson', '--id', name], 0],
    ['is a field that holds the id', ['list', 'own.ndjson', '--id-field', name], 0],
    ['is no help topic', ['help', name], 2],
    ['is no schema', ['schema', name], 2],
    ['is no shell', ['completion', name], 2],
    ['is no command', [name], 2],
    ['is no flag', ['list', `--${name}`], 2],
  ])('%s', async (_, argv, code) => {
    const cwd = folderWith({ 'cases.ndjson': CASES, 'own.ndjson': caseLine(name), 'plain.ndjson': '{"id":"a"}\n' });
    const outcome = await run(argv, cwd);
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.not.stringContaining('bug')]);
    if (argv.includes('--id')) expect(JSON.parse(outcome.stdout)).toHaveLength(1);
  });

  test('is no key of a configuration, and no variable that is set', async () => {
    const cwd = folderWith({ 'cases.ndjson': CASES });
    for (const config of [`{"${name}":1}`, `{"idField":"\${${name}}"}`]) {
      writeFileSync(join(cwd, 'c.json'), config);
      const { code, stderr } = await run(['list', 'cases.ndjson', '--config', 'c.json'], cwd);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: c\.json.*(unknown key|not set)/)]);
    }
  });

  test('is a placeholder, a header and a field of the answer', async () => {
    const seen: unknown[] = [];
    const { url } = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push([request.url, request.rawHeaders.includes(name.toLowerCase()), Buffer.concat(chunks).toString()]);
      response.end(`{"${name}":1}`);
    });
    const cwd = folderWith({ 'cases.ndjson': caseLine(name, 'in the case'), 'plain.ndjson': '{"id":"a"}\n' });
    const request = ['--endpoint', `${url}/{${name}}`, '--method', 'PUT', '--body', `{"a":{${name}}}`];
    const flags = [...request, '--header', `${name}: 12345`, '--into', name, '--format', 'ndjson'];
    const outcome = await run(['enrich', 'cases.ndjson', ...flags], cwd);
    expect([outcome.code, seen]).toEqual([0, [['/in%20the%20case', true, '{"a":"in the case"}']]]);
    expect(outcome.stdout).toContain(`"${name}":{"${name}":1}`);
    const missing = await run(['enrich', 'plain.ndjson', ...flags], cwd);
    expect([missing.code, missing.stdout]).toEqual([1, expect.stringContaining(`needs {${name}}`)]);
  });

  test('is a key of the answer to a batch', async () => {
    const { url } = await serve((_, response) => void response.end(`{"${name}":{"n":1}}`));
    const cwd = folderWith({ 'cases.ndjson': `${caseLine(name)}{"id":"a"}\n` });
    const flags = ['--endpoint', url, '--batch', '2', '--format', 'ndjson'];
    const { code, stdout } = await run(['enrich', 'cases.ndjson', ...flags], cwd);
    expect([code, stdout.match(/"status":"(?:enriched|failed)"/g)?.toSorted()]).toEqual([
      1,
      ['"status":"enriched"', '"status":"failed"'],
    ]);
  });

  test('is an ending, a kind, a reason to wait and a field in what was saved', async () => {
    const error = `{"kind":"${name}","message":"no","retryable":false}`;
    const tries = `[{"startMs":0,"durationMs":1,"outcome":"${name}","waitMs":0},{"startMs":1,"durationMs":1,"outcome":"ok","waitMs":5,"waitFor":"${name}"}]`;
    const common = `"index":0,"attempts":2,"durationMs":1,"at":"2026-11-22T09:30:00.123Z","tries":${tries}`;
    const failed = `{"caseId":"${name}","status":"failed","enrichedCase":null,"error":${error},${common}}\n`;
    const enriched = `{"caseId":"b","status":"enriched","enrichedCase":{"id":"b"},"error":null,${common}}\n`;
    const cwd = folderWith({ 'run.ndjson': failed + enriched });
    const ending = await run(['report', 'run.ndjson', '-o', `x.${name}`], cwd);
    expect([ending.code, ending.stderr]).toEqual([2, expect.stringContaining('its ending tells no form')]);
    const report = await run(['report', 'run.ndjson', '-o', name], cwd);
    // A kind is a word in small letters, of whatever version: nothing else was ever written.
    if (!/^[a-z][a-z-]*$/.test(name)) {
      expect([report.code, report.stderr]).toEqual([3, expect.stringContaining('run.ndjson: line 1')]);
      return;
    }
    expect([report.code, report.stderr]).toEqual([0, expect.not.stringContaining('bug')]);
    const { summary } = JSON.parse(readFileSync(join(cwd, name), 'utf8')) as { summary: unknown };
    expect(JSON.stringify(summary)).toContain(`"failuresByKind":{"${name}":1}`);
    expect(JSON.stringify(summary)).toContain(`"waitedMs":{"${name}":10}`);
    for (const format of ['summary', 'ndjson', 'html', 'junit', 'markdown', 'table', 'csv']) {
      const shown = await run(['report', 'run.ndjson', '--format', format], cwd);
      expect([format, shown.code, shown.stderr]).toEqual([format, 0, expect.not.stringContaining('bug')]);
    }
  });
});

test('priorities that are no priorities come after those that are, whatever they are called', async () => {
  const priorities = ['high', 'constructor', 'low', 'valueOf', 'urgent', 'toString'];
  const lines = priorities.map((priority, at) => `{"id":"${at}","priority":"${priority}"}\n`);
  const cwd = folderWith({ 'cases.ndjson': lines.join('') });
  const { stdout } = await run(['list', 'cases.ndjson', '--sort', 'priority', '--fields', 'priority'], cwd);
  const sorted = (JSON.parse(stdout) as { priority: string }[]).map(({ priority }) => priority);
  expect(sorted).toEqual(['low', 'high', 'urgent', 'constructor', 'toString', 'valueOf']);
});

test('no table that is looked up by any text is an object literal, which has such names', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const tables = files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    const found = text.matchAll(/\bconst (\w+): (?:Readonly<)?(?:Partial<)?Record<string, [^;]*?>+ = \{\s*['"\w]/g);
    return [...found].map((match) => `${file}: ${match[1]}`);
  });
  expect(tables).toEqual([]);
});
