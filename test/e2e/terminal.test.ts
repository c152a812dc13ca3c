/** What a real terminal gets: a pseudo-terminal from util-linux's `script`; skipped where that is missing. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBinary, startCommand } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { activeIn, HOSTILE, hostileCases, hostileEndpoint, RAW_IN_JSON } from '../helpers/hostile.js';
import { PROGRAM } from '../helpers/program.js';

const hasScript = spawnSync('script', ['-qec', 'exit 7', '/dev/null'], { stdio: 'ignore' }).status === 7;

/** Runs on a pseudo-terminal of its own; both streams go there, byte for byte. */
async function onTerminal(args: readonly string[], cwd: string): Promise<{ code: number | null; text: string }> {
  const words = [...PROGRAM, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const env = { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh' };
  const { code, stdout } = await startCommand(['script', '-qefc', words.join(' '), '/dev/null'], { cwd, env }).ended;
  return { code, text: stdout };
}

describe.skipIf(!hasScript)('no control character of a case or an answer reaches the terminal', () => {
  test.each([
    ['live lines, table and summary', []],
    ['logs for people', ['--log-level', 'trace', '--log-format', 'pretty']],
    ['logs for machines', ['--log-level', 'trace', '--log-format', 'json']],
    ['plain progress, failures left out', ['--progress', 'plain', '--on-failure', 'skip']],
    ['results as JSON', ['--format', 'json']],
    ['results as NDJSON', ['--format', 'ndjson', '--quiet']],
    ['a request that would be sent', ['--dry-run', '--method', 'POST']],
  ])('enrich: %s', async (_, flags) => {
    const cwd = folderWith({ 'cases.ndjson': hostileCases() });
    const endpoint = `${await hostileEndpoint()}/x`;
    const args = ['enrich', 'cases.ndjson', '--endpoint', endpoint, '--retries', '0', '--limit', '2', ...flags];
    const { code, text } = await onTerminal(args, cwd);
    expect(activeIn(text)).toEqual([]);
    expect(code).toBe(1);
    expect(text).toContain('one');
  });

  test.each([
    ['the table', []],
    ['all fields', ['--fields', `id,title,${HOSTILE.replaceAll('\u0000', '')}`]],
    ['JSON', ['--format', 'json']],
    ['NDJSON', ['--format', 'ndjson']],
    ['nothing selected', ['--status', `x${RAW_IN_JSON}`]],
    ['a field that no case has', ['--where', `x${RAW_IN_JSON}=1`]],
    ['an id that no case has', ['--id', `x${RAW_IN_JSON}`]],
  ])('list: %s', async (_, flags) => {
    const cwd = folderWith({ 'cases.ndjson': hostileCases() });
    const { text } = await onTerminal(['list', 'cases.ndjson', ...flags], cwd);
    expect(activeIn(text)).toEqual([]);
    expect(text).toMatch(/cases\.ndjson:3|0 of 9 cases/);
  });

  test.each([
    ['a file', ['list', `no${HOSTILE.replaceAll('\u0000', '')}.json`]],
    ['a command', [`li${RAW_IN_JSON}st`]],
    ['a flag', ['list', `--x${RAW_IN_JSON}`]],
    ['a value', ['list', 'cases.ndjson', '--first', `7${RAW_IN_JSON}`]],
    ['an endpoint', ['enrich', 'cases.ndjson', '--endpoint', `http://${RAW_IN_JSON}/`]],
    ['an output', ['enrich', 'cases.ndjson', '--endpoint', 'demo', '-o', `no${RAW_IN_JSON}/run.ndjson`]],
    ['a configuration', ['list', '--config', 'hostile.json']],
  ])('a mistake that names %s', async (_, args) => {
    const cwd = folderWith({ 'cases.ndjson': hostileCases(), 'hostile.json': `{"x${RAW_IN_JSON}":1}` });
    const { code, text } = await onTerminal(args, cwd);
    expect(activeIn(text)).toEqual([]);
    expect([2, 3, 5]).toContain(code);
  });
});

describe('what is not a terminal gets no control characters either, but for JSON, which is kept as it came', () => {
  test('progress, logs and summary of a pipe', async () => {
    const cwd = folderWith({ 'cases.ndjson': hostileCases() });
    const endpoint = `${await hostileEndpoint()}/x`;
    const flags = ['--retries', '0', '--limit', '1', '--log-level', 'trace', '-o', 'run.ndjson'];
    const { stderr } = await runBinary(['enrich', 'cases.ndjson', '--endpoint', endpoint, ...flags], { cwd });
    expect(activeIn(stderr)).toEqual([]);
    expect(stderr).not.toContain('\u001b[');
    expect(readFileSync(join(cwd, 'run.ndjson'), 'utf8')).toContain(`"enrichment":{"raw":"${RAW_IN_JSON}"}`);
  });

  test('a piped list is the source text', async () => {
    const cwd = folderWith({});
    const line = `{"id":"two${RAW_IN_JSON}"}\n`;
    writeFileSync(join(cwd, 'cases.ndjson'), line);
    expect((await runBinary(['list', 'cases.ndjson', '--format', 'ndjson'], { cwd })).stdout).toBe(line);
  });
});

test.skipIf(!hasScript)('a terminal whose size nobody has set has 80 columns, not none', async () => {
  const cwd = folderWith({ 'cases.json': JSON.stringify([{ id: 'CASE-1', status: 'open', title: 'x'.repeat(200) }]) });
  const { code, text } = await onTerminal(['list', 'cases.json', '--color', 'never'], cwd);
  const row = text.split(/\r?\n/).find((line) => line.includes('CASE-1'));
  expect([code, row?.length]).toEqual([0, 80]);
});
