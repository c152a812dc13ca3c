/** What a real terminal gets: a pseudo-terminal from util-linux's `script`; skipped where that is missing. */

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderWith, runBinary } from '../helpers/binary.js';
import { serveRaw } from '../helpers/fault-server.js';

const BINARY = fileURLToPath(new URL('../../bin/case-tracker.js', import.meta.url));
const hasScript = spawnSync('script', ['-qec', 'exit 7', '/dev/null'], { stdio: 'ignore' }).status === 7;

/** Controls of every kind: C0, DEL, C1, terminal commands, bidirectional and invisible characters, line separators. */
const HOSTILE =
  '\u001b]0;owned\u0007\u001b[2J\u001b[5;7m\u001b[31;1m\u009b3J\u009d0;x\u009c\r\u0000\b\u007f\u0085\u202egpj\u202c\u2066\u200b\u2028\u2029\u00ad\ufeff\u{e0041}';
/** The same without what JSON text can't have in itself: as raw as a file may be. */
const RAW_IN_JSON = '\u007f\u009b3J\u009d0;x\u009c\u0085\u202egpj\u202c\u2066\u200b\u2028\u2029\u00ad\ufeff\u{e0041}';

/** What acts on a terminal, hides or reorders text; line breaks and variation selectors are fine. */
const ACTIVE =
  /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
// What the program itself says to a terminal: its few colours, and going up over its live lines.
// oxlint-disable-next-line no-control-regex
const OWN = /\u001b\[(?:0|1|2|31|32|33|36)m|\r?\u001b\[\d{1,2}A\u001b\[J/g;

const activeIn = (text: string): string[] =>
  [...text.replaceAll('\r\n', '\n').replace(OWN, '').matchAll(ACTIVE)].map(([found]) => JSON.stringify(found));

interface Terminal {
  readonly code: number | null;
  readonly text: string;
}

/** Runs on a pseudo-terminal of its own; both streams go there, byte for byte. */
function onTerminal(args: readonly string[], cwd: string): Promise<Terminal> {
  const words = [process.execPath, BINARY, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const child = spawn('script', ['-qefc', words.join(' '), '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, text: Buffer.concat(chunks).toString('utf8') })),
  );
}

/** Cases whose id, title and every field are hostile, escaped and raw. */
function hostileCases(): string {
  const escaped = { id: `one${HOSTILE}`, title: HOSTILE, status: HOSTILE, assignee: HOSTILE, [HOSTILE]: HOSTILE };
  const raw = `{"id":"two${RAW_IN_JSON}","title":"${RAW_IN_JSON}","status":"${RAW_IN_JSON}","tags":["${RAW_IN_JSON}"]}`;
  const invalid = `{"id":7.5,"title":"${RAW_IN_JSON}"}`;
  const rest = Array.from({ length: 6 }, (_, index) => JSON.stringify({ id: `${index}${HOSTILE}` }));
  return [JSON.stringify(escaped), raw, invalid, ...rest].map((line) => `${line}\n`).join('');
}

/** Answers in turn with hostile reason phrases, headers, bodies of every kind, and a hostile enrichment. */
async function hostileEndpoint(): Promise<string> {
  const json = JSON.stringify({ message: HOSTILE, [HOSTILE]: HOSTILE });
  const body = (status: string, type: string, text: string): string =>
    `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`;
  const answers = [
    body(`422 No\u001b]0;owned\u0007 \u009b2J`, 'application/json', json),
    body(`500 \u001b[2JNo\u202e`, 'text/plain', `${HOSTILE}\n${HOSTILE}`),
    body('200 OK', 'application/json', json),
    body('404 No', 'text/html', `<title>${HOSTILE}</title>`),
    body('200 OK', `text/html; ${RAW_IN_JSON}`, `<html>${HOSTILE}`),
    body('200 OK', 'application/json', `{"raw":"${RAW_IN_JSON}"}`),
    `HTTP/1.1 302 Found\r\nlocation: http://\u001b[2J\u009b.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    `HTTP/1.1 200 \r\nx\u001b[2J: \r\n\r\n`,
  ];
  let next = 0;
  const { url } = await serveRaw((socket) => socket.end(Buffer.from(answers[next++ % answers.length] ?? '', 'utf8')));
  return url;
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
