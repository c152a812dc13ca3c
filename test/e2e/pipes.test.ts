import { execFileSync, spawn } from 'node:child_process';
import { openSync, closeSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ndjsonCases, runShell, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { countingServer } from '../helpers/counting-server.js';
import { resultLinesOf, statuses } from '../helpers/results.js';

function fifoIn(folder: string): string {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

describe('a pipe as input', () => {
  test('is not counted ahead: no case vanishes with --progress tty, however slowly they come', async () => {
    // The writer goes on when a call for what it wrote has come in: the whole time there is something to steal.
    const server = await countingServer();
    const cwd = folderWith({ 'more.ndjson': '{"id":"more"}\n' });
    const path = fifoIn(cwd);
    const args = ['enrich', 'more.ndjson', path, '--endpoint', server.url, '-o', 'run.ndjson'];
    const run = startBinary([...args, '--progress', 'tty'], { cwd });
    const writer = spawn('bash', ['-c', 'cat > "$1"', 'bash', path], { stdio: ['pipe', 'ignore', 'inherit'] });
    onTestFinished(() => void writer.kill('SIGKILL'));
    for (let n = 1; n <= 40; n++) {
      writer.stdin.write(`{"id":"C-${n}"}\n`);
      await server.server.seen(n + 1);
    }
    writer.stdin.end();
    const { code } = await run.ended;
    const { results } = resultLinesOf(readFileSync(join(cwd, 'run.ndjson'), 'utf8'));
    expect([code, statuses(results)]).toEqual([0, { enriched: 41 }]);
  });

  test('of a process substitution gives every case, and the run ends by itself', async () => {
    const server = await countingServer();
    const cwd = folderWith({ 'cases.ndjson': ndjsonCases(500) });
    const script = 'ct enrich <(cat cases.ndjson) --endpoint "$1" --format ndjson --progress tty';
    const { code, stdout, stderr } = await runShell(script, cwd, server.url);
    expect([code, statuses(resultLinesOf(stdout).results)]).toEqual([0, { enriched: 500 }]);
    expect(stderr).not.toContain('Warning');
  });

  test.each([
    ['a process substitution', 'ct list <(true)'],
    ['a process substitution whose command fails', 'ct list <(zcat missing.gz 2>/dev/null)'],
    ['/dev/stdin', 'true | ct list /dev/stdin'],
    ['/proc/self/fd/0', 'true | ct list /proc/self/fd/0'],
    ['a link to /dev/stdin', 'ln -s /dev/stdin link; true | ct list link'],
    ['a pipe of another process', 'exec 5< <(true); ct list /proc/$$/fd/5'],
    ['a named pipe whose writer said nothing', 'mkfifo p; : > p & ct list p'],
  ])('that is empty is an input without cases, never a hang: %s', async (_, script) => {
    const { stdout, stderr, code } = await runShell(script, folderWith());
    expect([stdout, stderr, code]).toEqual(['[]\n', 'the input has no cases\n', 0]);
  });

  test('is read from where its descriptor stands, as with -', async () => {
    const cwd = folderWith({ 'cases.ndjson': 'a heading\n{"id":1}\n' });
    const script = '{ read -r; ct list /dev/stdin --format ndjson; } < cases.ndjson';
    expect(await runShell(script, cwd)).toMatchObject({ code: 0, stdout: '{"id":1}\n', stderr: '' });
  });

  test('may be one of several, beside - and files', async () => {
    const cwd = folderWith({ 'a.ndjson': '{"id":"a"}\n' });
    const script = `echo '{"id":"c"}' | ct list a.ndjson <(echo '{"id":"b"}') - <(echo '{"id":"d"}') --format ndjson`;
    const { stdout, stderr } = await runShell(script, cwd);
    expect([stdout, stderr]).toEqual(['{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n{"id":"d"}\n', '']);
  });

  test.each([
    ['-', 'echo | ct list - -', 'standard input is named twice'],
    ['- and /dev/stdin', 'echo | ct list - /dev/stdin', 'standard input and /dev/stdin are the same input'],
    ['/dev/stdin of a file', 'ct list /dev/stdin /dev/fd/0 </dev/null', '/dev/stdin and /dev/fd/0 are the same input'],
    ['a named pipe', 'mkfifo p; ct list p ./p', 'p and ./p are the same input'],
    [
      'two descriptors of one pipe',
      'echo | ct list - /dev/fd/3 3<&0',
      'standard input and /dev/fd/3 are the same input',
    ],
  ])('that is named twice is refused, as the second reading would wait for ever: %s', async (_, script, message) => {
    const { code, stdout, stderr } = await runShell(script, folderWith());
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      `error: ${message}, and it can be read only once\n  hint: name it once\n`,
    ]);
  });

  test.each([
    ['is closed', 'ct list /dev/fd/199', '/dev/fd/199'],
    ['is for writing', 'ct list /dev/fd/3 --format ndjson 3> file', '/dev/fd/3'],
    [
      'is the end of a pipe that is for writing',
      'ct list /dev/stdout --format ndjson | cat; exit ${PIPESTATUS[0]}',
      '/dev/stdout',
    ],
  ])('whose descriptor %s is an input error', async (_, script, name) => {
    const { code, stderr } = await runShell(script, folderWith());
    expect([code, stderr]).toEqual([3, `error: cannot read ${name}: it is not open for reading\n`]);
  });
});

describe('a named pipe without a writer', () => {
  test.each([
    ['enrich', 130],
    ['list', null],
    ['validate', null],
  ])('is waited for by %s until Ctrl-C', async (command, exitCode) => {
    const cwd = folderWith({ 'first.ndjson': '{"id":"C-1"}\n' });
    const path = fifoIn(cwd);
    const { url } = await countingServer();
    const args = command === 'enrich' ? ['--endpoint', url, '--format', 'ndjson'] : ['--format', 'ndjson'];
    const run = startBinary([command, 'first.ndjson', path, ...args], { cwd });
    await readerOf(path);
    run.child.kill('SIGINT');
    const { code, signal } = await run.ended;
    expect([code, signal]).toEqual(exitCode === null ? [null, 'SIGINT'] : [exitCode, null]);
  });

  /** Resolves when somebody has it open for reading. */
  async function readerOf(path: string): Promise<void> {
    for (;;) {
      try {
        // Gone again at once, it would be a writer that said nothing: so it stays until the test ends.
        const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
        onTestFinished(() => closeSync(fd));
        return;
      } catch {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
});
