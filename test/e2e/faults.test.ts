/** Bugs that nobody has caught, and a system that has no more descriptors: the real process says so and ends in order. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BinaryOutcome, ndjsonCases, startBinary, startCommand } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { serve } from '../helpers/fault-server.js';
import { PROGRAM } from '../helpers/program.js';
import { runMain } from '../helpers/run-main.js';

const TOKEN = 'Bearer s3cret-t0ken';

/** A module that does something as soon as there is a file with the name `now`. */
const preload = (what: string): string =>
  `const fs = require('node:fs'); const t = setInterval(() => { if (!fs.existsSync('now')) return; clearInterval(t); ${what} }, 5); t.unref();`;

const FAULTS = [
  ['thrown in a timer', `throw new TypeError('odd: ${TOKEN}');`],
  ['rejected', `Promise.reject(new TypeError('odd: ${TOKEN}'));`],
  ['rejected with what is no error', `Promise.reject('odd: ${TOKEN}');`],
  ['an expected error that went astray', `throw Object.assign(new Error('odd: ${TOKEN}'), { code: 'EPIPE' });`],
  ['thrown again and again', `setInterval(() => { throw new Error('odd: ${TOKEN}') }, 1);`],
] as const;

describe.each(FAULTS)('what nobody has caught, %s,', (_, what) => {
  test('ends a run with 70, without the secret, the journal whole and the lock released', async () => {
    const cwd = folderWith({
      'cases.ndjson': ndjsonCases(40),
      'preload.cjs': preload(what),
      'headers.txt': `authorization: ${TOKEN}\n`,
    });
    const hold = new Promise<void>(() => {});
    let calls = 0;
    let isHolding = true;
    const { url } = await serve(async (__, response) => {
      if (++calls > 8 && isHolding) await hold;
      response.end('{}');
    });
    const flags = ['--endpoint', `${url}/{id}`, '--limit', '4', '--header', '@headers.txt', '--timeout', '1m'];
    const running = startBinary(['enrich', 'cases.ndjson', ...flags, '-o', 'run.ndjson', '-q'], {
      cwd,
      env: { NODE_OPTIONS: '--require ./preload.cjs' },
    });
    // Four are answered, and four of the next are held.
    await expect.poll(() => calls, { timeout: 10_000 }).toBe(12);
    writeFileSync(join(cwd, 'now'), '');
    // The helper takes a bug for a fault of ours; here it is the fault that was asked for.
    await running.ended.catch(() => {});
    const stderr = running.stderr();
    expect(stderr).toContain('this is a bug in case-tracker: odd: ***');
    expect(stderr).not.toMatch(/s3cret|\n\s+at |Node\.js v/);
    expect(running.child.exitCode).toBe(70);
    expect(existsSync(join(cwd, 'run.ndjson.lock'))).toBe(false);
    const lines = readFileSync(join(cwd, 'run.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual(Array(8).fill('enriched'));
    isHolding = false;
    const resume = ['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`, '-o', 'run.ndjson', '--resume', '-q'];
    expect(await runMain(resume, { cwd })).toMatchObject({ code: 0 });
    expect(calls).toBe(12 + 32);
  });
});

test.each([
  ['without a word', 'small.ndjson', ['-q']],
  ['with a log', 'small.ndjson', ['-v']],
  ['with a log of every call', 'small.ndjson', ['--log-level', 'debug', '--log-format', 'json']],
  ['with a reading thread', 'large.ndjson', ['-v']],
])('running out of descriptors is a failure of the call, %s', async (_, file, flags) => {
  const { url } = await serve((__, response) => void setTimeout(() => response.end('{}'), 20));
  const text = 'x'.repeat(1000);
  const cwd = folderWith({ 'small.ndjson': ndjsonCases(300), 'large.ndjson': ndjsonCases(300, () => ({ text })) });
  const argv = ['enrich', file, '--endpoint', `${url}/{id}`, '--limit', '200', '-o', 'run.ndjson', ...flags];
  const { code, stderr } = await limited(40, argv, cwd);
  expect([code, stderr]).toEqual([4, expect.stringContaining('EMFILE')]);
  expect(stderr).not.toMatch(/Node\.js v|this is a bug|\n\s+at /);
  expect(existsSync(join(cwd, 'run.ndjson.lock'))).toBe(false);
  expect(readFileSync(join(cwd, 'run.ndjson'), 'utf8').trimEnd().split('\n').at(-1)).toContain('"summary"');
});

/** Runs in a shell that allows so many descriptors. */
function limited(descriptors: number, argv: readonly string[], cwd: string): Promise<BinaryOutcome> {
  const shell = `ulimit -n ${descriptors}; exec "$0" "$@"`;
  return startCommand(['sh', '-c', shell, ...PROGRAM, ...argv], { cwd }).ended;
}
