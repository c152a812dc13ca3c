import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BinaryOutcome, ndjsonCases, runBinary, startBinary, startCommand } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { countingServer, type CountingServer } from '../helpers/counting-server.js';
import { PROGRAM } from '../helpers/program.js';
import { runMain } from '../helpers/run-main.js';
import { reportOf, resultLinesOf } from '../helpers/results.js';

const PADDING = { text: 'x'.repeat(200) };

describe('a disk that is full', () => {
  test('keeps whole lines in the journal, names what was answered and is not in it, and is gone on from', async (context) => {
    const { server, cwd, full } = await smallDisk(context.skip);
    const args = argvOf(server, 'full/run.ndjson');
    const first = await runBinary(args, { cwd });
    const { results } = resultLinesOf(readFileSync(join(full, 'run.ndjson'), 'utf8'));
    expect(first.code).toBe(5);
    expect(first.stderr).toContain('error: cannot write full/run.ndjson: no space left on the disk (ENOSPC)');
    const lost = Number(/(\d+) answered and not saved: C-\d+/.exec(first.stderr)?.[1] ?? 0);
    expect(results.length + lost).toBe(server.stats.requests.length);
    expect(lost).toBeLessThanOrEqual(4);
    // A result counts only once its line is written.
    expect(first.stderr).toMatch(new RegExp(`Cases +${results.length} +${results.length} enriched`));

    execFileSync('mount', ['-o', 'remount,size=1m', full]);
    const asked = server.stats.requests.length;
    const second = await runBinary([...args, '--resume'], { cwd });
    expect(second.code).toBe(0);
    expect(server.stats.requests.length - asked).toBe(CASES - results.length);
    const all = resultLinesOf(readFileSync(join(full, 'run.ndjson'), 'utf8'));
    expect(all.closing?.summary).toMatchObject({ total: CASES, enriched: CASES, resumed: results.length });
  });

  test('gets no half report, and none is recommended', async (context) => {
    const { server, cwd, full } = await smallDisk(context.skip);
    const { code, stderr } = await runBinary(argvOf(server, 'full/run.json'), { cwd });
    expect([code, readdirSync(full)]).toEqual([5, []]);
    expect(stderr).toContain('hint: a journal (-o FILE.ndjson) keeps each result as it comes');
    expect(stderr).toContain('full/run.json (not written whole)');
    expect(stderr).not.toContain('case-tracker report');
  });

  test('under the dead letter leaves whole cases in it and every result in the journal', async (context) => {
    const { server, cwd, full } = await smallDisk(context.skip, 422);
    const flags = ['--dead-letter', 'full/failed.ndjson', '--max-failures', 'none'];
    const { code, stderr } = await runBinary([...argvOf(server, 'run.ndjson'), ...flags], { cwd });
    expect(code).toBe(5);
    expect(stderr).toContain('cannot write full/failed.ndjson: no space left on the disk (ENOSPC)');
    expect(readFileSync(join(full, 'failed.ndjson'), 'utf8')).toMatch(/^(\{"id":"C-\d+",[^\n]*\}\n)+$/);
    const { results } = resultLinesOf(readFileSync(join(cwd, 'run.ndjson'), 'utf8'));
    expect(results).toHaveLength(server.stats.requests.length);
  });

  test.runIf(existsSync('/dev/full')).each(['json', 'ndjson'])(
    'behind -o or stdout is said for %s, with the cases that were answered',
    async (format) => {
      const { server, cwd } = await home(3);
      const args = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--format', format];
      const named = await runBinary([...args, '-o', '/dev/full'], { cwd });
      const redirected = await redirectedTo('> /dev/full', args, cwd);
      for (const { code, stderr } of [named, redirected]) {
        expect(code).toBe(5);
        expect(stderr).toMatch(/cannot write (\/dev\/full|standard output): no space left on the disk \(ENOSPC\)/);
      }
      expect(named.stderr).toMatch(/3 answered and not saved: C-\d, C-\d, C-\d/);
    },
  );
});

describe('an output that cannot be opened', () => {
  test.each([
    ['no/run.ndjson', 'its folder does not exist (ENOENT)', 'mkdir -p no'],
    ['no/run.json', 'its folder does not exist (ENOENT)', 'mkdir -p no'],
    ['folder', 'it is a folder (EISDIR)', undefined],
    ['cases.ndjson/run.ndjson', 'a part of its path is not a folder (ENOTDIR)', undefined],
  ])('-o %s: %s; nothing is sent', async (output, why, hint) => {
    const { server, cwd } = await home(2);
    mkdirSync(join(cwd, 'folder'));
    const { code, stderr } = await runMain(argvOf(server, output), { cwd });
    expect([code, server.stats.requests]).toEqual([5, []]);
    expect(stderr).toContain(`error: cannot write ${output}: ${why}`);
    if (hint !== undefined) expect(stderr).toContain(`hint: ${hint}`);
  });

  test('in a folder that may not be written is refused before the first call', async (context) => {
    const { server, cwd, full } = await smallDisk(context.skip);
    execFileSync('mount', ['-o', 'remount,ro', full]);
    for (const output of ['full/run.ndjson', 'full/run.json']) {
      const { code, stderr } = await runMain(argvOf(server, output), { cwd });
      expect([code, server.stats.requests]).toEqual([5, []]);
      expect(stderr).toContain(`error: cannot write ${output}: the file system is read-only (EROFS)`);
    }
  });

  test.each([
    ['-o', 'cases.ndjson', '-o cases.ndjson is an input file'],
    ['-o', 'link.ndjson', '-o link.ndjson is an input file'],
    ['-o', 'hard.ndjson', '-o hard.ndjson is an input file'],
    ['--dead-letter', 'link.ndjson', '--dead-letter link.ndjson is an input file'],
    ['--dead-letter', './out.ndjson', '-o and --dead-letter are the same: out.ndjson'],
  ])('because %s %s is used already is refused', async (flag, name, message) => {
    const { server, cwd } = await home(2);
    symlinkSync('cases.ndjson', join(cwd, 'link.ndjson'));
    linkSync(join(cwd, 'cases.ndjson'), join(cwd, 'hard.ndjson'));
    const before = readFileSync(join(cwd, 'cases.ndjson'), 'utf8');
    const output = flag === '-o' ? [] : ['-o', 'out.ndjson'];
    const args = ['enrich', 'cases.ndjson', '--endpoint', server.url, ...output, flag, name, '--overwrite'];
    const { code, stderr } = await runMain(args, { cwd });
    expect([code, server.stats.requests, stderr]).toEqual([2, [], expect.stringContaining(message)]);
    expect(readFileSync(join(cwd, 'cases.ndjson'), 'utf8')).toBe(before);
  });

  test('as a table because the dead letter goes there is refused', async () => {
    const { server, cwd } = await home(2);
    const args = [...argvOf(server, 'out.txt'), '--format', 'table', '--dead-letter', 'out.txt'];
    const { code, stderr } = await runMain(args, { cwd });
    expect([code, server.stats.requests]).toEqual([2, []]);
    expect(stderr).toContain('-o and --dead-letter are the same: out.txt');
    expect(readdirSync(cwd)).toEqual(['cases.ndjson']);
  });
});

describe('an output that is no regular file', () => {
  test('a named pipe gets one JSON document, once its reader is there', async () => {
    const { server, cwd } = await home(3);
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const run = startBinary(argvOf(server, 'pipe'), { cwd });
    const [read, { code }] = await Promise.all([startCommand(['cat', join(cwd, 'pipe')]).ended, run.ended]);
    expect([code, reportOf(read.stdout).summary.enriched]).toEqual([0, 3]);
  });

  test.each(['/dev/stdout', '/dev/fd/1', '-'])(
    '%s is standard output, also a file that is appended to',
    async (name) => {
      const { server, cwd } = await home(2);
      writeFileSync(join(cwd, 'out.ndjson'), 'before\n');
      const args = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--format', 'ndjson', '-o', name];
      const { code } = await redirectedTo('>> out.ndjson', args, cwd);
      const [first, ...rest] = readFileSync(join(cwd, 'out.ndjson'), 'utf8').split(/(?<=\n)/);
      expect([code, first, resultLinesOf(rest.join('')).results.length]).toEqual([0, 'before\n', 2]);
    },
  );

  test('/dev/null takes everything, and stays what it is', async () => {
    const { server, cwd } = await home(2);
    const { code } = await runMain(argvOf(server, '/dev/null'), { cwd });
    expect([code, statSync('/dev/null').isCharacterDevice()]).toEqual([0, true]);
  });
});

test('a report behind a link replaces what the link leads to, and keeps link and mode', async () => {
  const { server, cwd } = await home(2);
  mkdirSync(join(cwd, 'real'));
  writeFileSync(join(cwd, 'real', 'run.json'), 'old');
  chmodSync(join(cwd, 'real', 'run.json'), 0o640);
  symlinkSync('real/run.json', join(cwd, 'run.json'));
  const { code } = await runMain([...argvOf(server, 'run.json'), '--overwrite'], { cwd });
  expect([code, lstatSync(join(cwd, 'run.json')).isSymbolicLink()]).toEqual([0, true]);
  expect(statSync(join(cwd, 'real', 'run.json')).mode & 0o777).toBe(0o640);
  expect(reportOf(readFileSync(join(cwd, 'real', 'run.json'), 'utf8')).summary.enriched).toBe(2);
  expect(readdirSync(join(cwd, 'real'))).toEqual(['run.json']);
});

const CASES = 400;

interface Home {
  readonly server: CountingServer;
  readonly cwd: string;
}

async function home(cases: number, status = 200): Promise<Home> {
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(cases, () => PADDING) });
  const server = await countingServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  return { server, cwd };
}

/** A home with a disk of 64 KiB in `full`; skips the test where no disk may be mounted. */
async function smallDisk(skip: (why: string) => void, status = 200): Promise<Home & { readonly full: string }> {
  const made = await home(CASES, status);
  const full = join(made.cwd, 'full');
  mkdirSync(full);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full]);
  if (mounted.status !== 0) skip('a small disk can be mounted only by root on Linux');
  onTestFinished(() => void spawnSync('umount', [full]));
  return { ...made, full };
}

function argvOf({ url }: { readonly url: string }, output: string): string[] {
  return ['enrich', 'cases.ndjson', '--endpoint', `${url}/{id}`, '--limit', '4', '-o', output];
}

/** Runs the real binary with its standard output redirected by a shell. */
function redirectedTo(redirection: string, args: readonly string[], cwd: string): Promise<BinaryOutcome> {
  return startCommand(['sh', '-c', `exec "$0" "$@" ${redirection}`, ...PROGRAM, ...args], { cwd }).ended;
}
