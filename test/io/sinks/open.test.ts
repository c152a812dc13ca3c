import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CaseTrackerError, InputError, OutputError, UsageError, renderError } from '../../../src/errors.js';
import { resultLine } from '../../../src/core/results/result-text.js';
import { noticeStream } from '../../../src/host.js';
import { realFileOps } from '../../../src/io/files/file-ops.js';
import {
  type OutputOptions,
  type OutputWorld,
  resultFormatOf,
  openOutputs,
  openTextOutput,
} from '../../../src/io/sinks/open.js';
import { FakeClock } from '../../helpers/clock.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, summary, unenriched } from '../../helpers/samples.js';

function worldIn(cwd: string, more: Partial<OutputWorld> = {}): OutputWorld & { readonly stdout: string[] } {
  const stdout: string[] = [];
  const write = (text: string | Uint8Array): Promise<void> => Promise.resolve(void stdout.push(String(text)));
  const stream = { isTTY: false, write };
  const host = {
    stdin: { isTTY: false, fd: 0 },
    stdout: stream,
    stderr: noticeStream(stream),
    cwd,
    pid: process.pid,
    clock: new FakeClock(),
    random: () => 0.5,
  };
  return { host, stdout, ...more };
}

async function open(cwd: string, options: Partial<OutputOptions>, more: Partial<OutputWorld> = {}) {
  return openOutputs({ inputs: [], ...options }, worldIn(cwd, more));
}

async function errorOf(promise: Promise<unknown>): Promise<CaseTrackerError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CaseTrackerError);
  return error as CaseTrackerError;
}

function lines(...ids: string[]): string {
  return ids.map((id) => `${resultLine(enriched(id))}\n`).join('');
}

describe('the kind of output', () => {
  test.each([
    ['run.ndjson', undefined, 'journal'],
    ['run.jsonl', undefined, 'journal'],
    ['run.json', undefined, 'report'],
    ['run.txt', undefined, 'report'],
    ['run.txt', 'ndjson', 'journal'],
    ['run.ndjson', 'json', 'report'],
    ['/dev/null', undefined, 'stream'],
    [undefined, undefined, 'stream'],
    ['-', 'ndjson', 'stream'],
    ['/dev/stdout', 'ndjson', 'stream'],
  ] as const)('%s with --format %s is a %s', async (path, format, kind) => {
    const { sink, ...opened } = await open(temporaryFolder(), { path, format });
    expect(opened.kind).toBe(kind);
    await sink.close();
  });

  test('/dev/stdout is the standard output that is open, not a file opened anew', async () => {
    const world = worldIn(temporaryFolder());
    for (const path of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
      const { sink } = await openOutputs({ path, format: 'ndjson', inputs: [] }, world);
      await sink.write([enriched('a')]);
    }
    expect(world.stdout).toEqual([lines('a'), lines('a'), lines('a')]);
  });

  test('/dev/fd/N is written behind what is in it already', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'before\n');
    const fd = openSync(join(folder, 'file'), 'a');
    const { sink } = await open(folder, { path: `/dev/fd/${fd}`, format: 'ndjson' });
    await sink.write([enriched('a')]);
    await sink.finish(runInfo(), summary());
    closeSync(fd);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe(`before\n${lines('a')}`);
  });

  test('a named pipe gets one document', async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'pipe.json')]);
    const reading = readFile(join(folder, 'pipe.json'), 'utf8');
    const clock = new FakeClock();
    const world = worldIn(folder);
    const opening = openOutputs({ path: 'pipe.json', inputs: [] }, { ...world, host: { ...world.host, clock } });
    let opened: Awaited<typeof opening> | undefined;
    void opening.then((outputs) => (opened = outputs));
    while (opened === undefined) {
      clock.advanceToNext();
      await new Promise(setImmediate);
    }
    await opened.sink.write([enriched('a')]);
    await opened.sink.finish(runInfo(), summary());
    expect(JSON.parse(await reading)).toMatchObject({ schemaVersion: 1, results: [{ caseId: 'a' }] });
  });

  test('formats go by the ending', () => {
    expect(['a.ndjson', 'a.JSONL', 'a.json', 'ndjson', undefined].map(resultFormatOf)).toEqual([
      'ndjson',
      'ndjson',
      'json',
      'json',
      'json',
    ]);
  });
});

describe('flags that do not go together', () => {
  test.each([
    [{ path: 'run.ndjson', resume: true, overwrite: true }, '--resume goes on, --overwrite starts again'],
    [{ path: 'run.ndjson', only: ['failed'] }, '--only needs --resume'],
    [{ resume: true }, '--resume needs a journal'],
    [{ path: '/dev/null', resume: true }, '--resume needs a journal'],
    [{ path: 'run.json', resume: true }, 'run.json is a JSON report'],
  ] as const)('%j is a usage error', async (options, message) => {
    const folder = temporaryFolder();
    const error = await errorOf(open(folder, options));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(message);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a file that is used already', () => {
  const FORMER = 'gone.ndjson.old is -o, and would be replaced by gone.ndjson';
  test.each<[string, Partial<OutputOptions>, string]>([
    ['is an input', { path: 'cases.ndjson' }, '-o cases.ndjson is an input file'],
    ['is another name of an input', { path: 'hard.ndjson' }, '-o hard.ndjson is an input file'],
    ['is a link to an input', { path: 'link.ndjson' }, '-o link.ndjson is an input file'],
    ['as dead letter is an input', { path: 'x.json', deadLetter: 'link.ndjson' }, '--dead-letter link.ndjson is an'],
    ['is the dead letter', { path: 'hard2.ndjson', deadLetter: 'old.ndjson' }, '-o and --dead-letter are the same'],
    ['is the dead letter and new', { path: 'new.ndjson', deadLetter: './new.ndjson' }, 'are the same'],
    ['is standard output, twice', { deadLetter: '-' }, 'are the same'],
    ['is where the former dead letter goes', { path: 'gone.ndjson.old', deadLetter: 'gone.ndjson' }, FORMER],
    ['is there by another name', { path: 'old-link.ndjson', deadLetter: 'gone.ndjson' }, FORMER],
    [
      'is there and new',
      { path: './new.json.old', deadLetter: 'new.json' },
      'new.json.old is -o, and would be replaced',
    ],
    [
      'is there by the link of a folder',
      { path: 'folder/x.old', deadLetter: 'x' },
      'x.old is -o, and would be replaced',
    ],
    ['is the lock of the journal', { path: 'x', format: 'ndjson', deadLetter: 'x.lock' }, 'and would be the lock of x'],
    ['takes the torn end', { path: 'y', format: 'ndjson', deadLetter: 'y.torn' }, 'and would take a torn end of y'],
    [
      'has an input for its lock',
      { path: 'z', format: 'ndjson' },
      'z.lock is an input file, and would be the lock of z',
    ],
    ['has an input for its torn end', { path: 'w', format: 'ndjson' }, 'w.torn is an input file, and would take'],
    ['as former dead letter is an input', { deadLetter: 'dead.ndjson' }, 'dead.ndjson.old is an input file'],
  ])('%s: refused before anything is touched', async (_, options, message) => {
    const folder = temporaryFolder();
    for (const name of [
      'cases.ndjson',
      'old.ndjson',
      'dead.ndjson',
      'dead.ndjson.old',
      'gone.ndjson.old',
      'z.lock',
      'w.torn',
    ]) {
      writeFileSync(join(folder, name), `{"id":"${name}"}\n`);
    }
    linkSync(join(folder, 'cases.ndjson'), join(folder, 'hard.ndjson'));
    linkSync(join(folder, 'old.ndjson'), join(folder, 'hard2.ndjson'));
    symlinkSync('cases.ndjson', join(folder, 'link.ndjson'));
    symlinkSync('gone.ndjson.old', join(folder, 'old-link.ndjson'));
    symlinkSync('.', join(folder, 'folder'));
    const before = readdirSync(folder);
    const error = await errorOf(
      open(folder, { ...options, inputs: ['cases.ndjson', 'dead.ndjson.old', 'z.lock', 'w.torn'], overwrite: true }),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(message);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, 'cases.ndjson'), 'utf8')).toBe('{"id":"cases.ndjson"}\n');
  });

  test('is redirected to standard input: refused too', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'cases.ndjson'), '{"id":"a"}\n');
    const fd = openSync(join(folder, 'cases.ndjson'), 'r');
    const world = worldIn(folder);
    const options = { path: 'cases.ndjson', inputs: ['-'], overwrite: true };
    const error = await errorOf(
      openOutputs(options, { ...world, host: { ...world.host, stdin: { isTTY: false, fd } } }),
    );
    closeSync(fd);
    expect(error.message).toContain('is an input file');
  });

  test.skipIf(!existsSync('/proc/self/fd'))(
    'a descriptor that is not open for writing, or that Node uses for itself, is refused before the first call',
    async () => {
      const eventDescriptors = readdirSync('/proc/self/fd').filter((fd) => /eventfd|eventpoll/.test(linkOf(fd)));
      expect(eventDescriptors).not.toEqual([]);
      const readOnly = openSync('/dev/null', 'r');
      onTestFinished(() => closeSync(readOnly));
      for (const fd of [...eventDescriptors, '99999', String(readOnly)]) {
        const error = await errorOf(open(temporaryFolder(), { path: `/dev/fd/${fd}` }));
        expect(error.message).toBe(`cannot write /dev/fd/${fd}: it is not open, or not for writing (EBADF)`);
      }
    },
  );

  test('a file that is mounted by itself, as into a container, is refused: nobody outside would see its lock', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'my run.ndjson'), '');
    const place = join(folder, 'my run.ndjson').replaceAll(' ', '\\040');
    const mounts = `22 1 0:21 / / rw - ext4 /dev/x rw\n36 22 0:33 /run.ndjson ${place} rw - ext4 /dev/y rw\n`;
    const readText = (path: string): string => (path === '/proc/self/mountinfo' ? mounts : realFileOps.readText(path));
    const error = await errorOf(open(folder, { path: 'my run.ndjson' }, { ops: { ...realFileOps, readText } }));
    expect([error.exitCode, error.message]).toEqual([5, expect.stringContaining('it is mounted by itself')]);
    expect(readdirSync(folder)).toEqual(['my run.ndjson']);
  });

  test('/dev/null may be both output and dead letter', async () => {
    const { sink, deadLetter } = await open(temporaryFolder(), { path: '/dev/null', deadLetter: '/dev/null' });
    await deadLetter?.close();
    await sink.close();
  });
});

describe('a journal that holds results', () => {
  test('is refused without --resume or --overwrite, with their number', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), lines(...Array.from({ length: 1234 }, (_, at) => `c${at}`)));
    const error = await errorOf(open(folder, { path: 'run.ndjson' }));
    expect(renderError(error)).toBe(
      'error: run.ndjson already holds 1,234 results of an earlier run\n' +
        '  hint: --resume goes on from them; --overwrite starts again and discards them\n',
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(readdirSync(folder)).toEqual(['run.ndjson']);
  });

  test('is emptied with --overwrite', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), lines('a'));
    const { sink, resumed } = await open(folder, { path: 'run.ndjson', overwrite: true });
    await sink.write([enriched('b')]);
    await sink.close();
    expect(resumed).toBeUndefined();
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toBe(lines('b'));
  });

  test('is gone on from with --resume: torn tail moved, newest lines known, last run told', async () => {
    const folder = temporaryFolder();
    const end = JSON.stringify({ run: runInfo({ id: 'first' }), summary: summary() });
    writeFileSync(join(folder, 'run.ndjson'), `${lines('a')}${end}\n${resultLine(unenriched('b'))}\n{"caseId":"c"`);
    const { sink, resumed, notices } = await open(folder, { path: 'run.ndjson', resume: true });
    const decisions = ['a', 'b', 'c'].map((id) => resumed?.resumption.decide(id, `key of ${id}`));
    expect(decisions).toEqual(['done', 'call', 'call']);
    expect(resumed?.lastRun?.id).toBe('first');
    expect(notices).toEqual(['run.ndjson ended in the middle of a line: its last 13 bytes are now in run.ndjson.torn']);
    await sink.write([enriched('c')]);
    await sink.close();
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toMatch(
      /^\{"caseId":"a".*\n.*\n.*"b".*\n\{"caseId":"c".*\n$/,
    );
  });

  test('that lacks its last line break gets it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), lines('a').trim());
    const { sink, notices } = await open(folder, { path: 'run.ndjson', resume: true });
    await sink.write([enriched('b')]);
    await sink.close();
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toBe(lines('a', 'b'));
    expect(notices).toHaveLength(1);
  });

  test('with a bad line in the middle is an input error, and is left as it is', async () => {
    const folder = temporaryFolder();
    const text = `${lines('a')}bad\n${lines('b')}`;
    writeFileSync(join(folder, 'run.ndjson'), text);
    const error = await errorOf(open(folder, { path: 'run.ndjson', resume: true }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(`run.ndjson: line 2 (byte ${lines('a').length})`);
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['run.ndjson']);
  });

  test.each([
    ['nothing', ''],
    ['only a torn line', '{"caseId":"a'],
    ['only the end of a run without cases', `${JSON.stringify({ run: runInfo(), summary: summary() })}\n`],
  ])('does not count as such with %s in it', async (_, text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), text);
    const { sink } = await open(folder, { path: 'run.ndjson' });
    await sink.write([enriched('a')]);
    await sink.close();
    expect(
      readFileSync(join(folder, 'run.ndjson'), 'utf8').endsWith(
        `\n${lines('a')}`.slice(text.startsWith('{"run') ? 0 : 1),
      ),
    ).toBe(true);
  });

  test.each(['{"id":"CASE-1"}\n', 'dear diary', '{\n  "a": 1\n}\n'])(
    'or rather something else (%j) is refused as no journal',
    async (text) => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'run.ndjson'), text);
      const error = await errorOf(open(folder, { path: 'run.ndjson' }));
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toBe('run.ndjson already exists and is no journal');
      expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toBe(text);
    },
  );

  test('with --resume may be missing: the run starts', async () => {
    const { sink, resumed } = await open(temporaryFolder(), { path: 'run.ndjson', resume: true });
    expect(resumed?.resumption.decide('a', 'k')).toBe('call');
    await sink.close();
  });

  test('is locked while a run writes it, under every name it has', async () => {
    const folder = temporaryFolder();
    symlinkSync('run.ndjson', join(folder, 'link.ndjson'));
    const { sink } = await open(folder, { path: 'run.ndjson' });
    for (const path of ['run.ndjson', 'link.ndjson']) {
      const error = await errorOf(open(folder, { path, resume: true }));
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toBe(`${path} is being written by another run (pid ${process.pid})`);
    }
    await sink.finish(runInfo(), summary());
    const again = await open(folder, { path: 'link.ndjson', resume: true });
    await again.sink.close();
    expect(readdirSync(folder).sort()).toEqual(['link.ndjson', 'run.ndjson']);
  });

  test('is made behind a link that leads nowhere yet', async () => {
    const folder = temporaryFolder();
    symlinkSync('real.json', join(folder, 'link.json'));
    const { sink } = await open(folder, { path: 'link.json' });
    await sink.finish(runInfo(), summary());
    expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(folder, 'real.json'))).toBe(true);
  });
});

test('an existing report is refused without --overwrite, an empty file is not', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'report.json'), '{}');
  expect((await errorOf(open(folder, { path: 'report.json' }))).message).toBe('report.json already exists');
  const { sink } = await open(folder, { path: 'report.json', overwrite: true });
  await sink.close();
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('{}');
  writeFileSync(join(folder, 'empty.json'), '');
  await (await open(folder, { path: 'empty.json' })).sink.close();
});

describe('an output that cannot be written', () => {
  test.each([
    ['in a folder that does not exist', 'no/run.ndjson', 'its folder does not exist (ENOENT)'],
    ['below a file', 'file/run.ndjson', 'a part of its path is not a folder (ENOTDIR)'],
    ['that is a folder', 'folder', 'it is a folder (EISDIR)'],
    ['that is a link to itself', 'loop.ndjson', 'its links lead in a circle (ELOOP)'],
  ])('%s is an output error, before anything is sent', async (_, path, reason) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    symlinkSync('loop.ndjson', join(folder, 'loop.ndjson'));
    const error = await errorOf(open(folder, { path }));
    expect(error).toBeInstanceOf(OutputError);
    expect(error.message).toBe(`cannot write ${path}: ${reason}`);
  });

  test('tells how to make the folder', async () => {
    expect((await errorOf(open(temporaryFolder(), { path: 'no/such/run.ndjson' }))).hint).toBe('mkdir -p no/such');
  });

  test('for lack of permission is an output error', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), '');
    const ops = { ...realFileOps, checkWritable: () => void denied() };
    for (const path of ['run.ndjson', 'new.json']) {
      const error = await errorOf(open(folder, { path }, { ops }));
      expect(error).toBeInstanceOf(OutputError);
      expect(error.message).toBe(`cannot write ${path}: no permission (EACCES)`);
    }
  });

  function denied(): never {
    throw Object.assign(new Error(), { code: 'EACCES' });
  }

  test.each(['run.ndjson', 'run.json'])(
    '%s: the n-th call fails, and no lock or temporary file stays',
    async (path) => {
      for (let at = 1; ; at++) {
        const folder = temporaryFolder();
        writeFileSync(join(folder, 'run.ndjson'), `${lines('a')}{"torn`);
        const ops = faultyOps({ at });
        const options = { path, resume: path === 'run.ndjson', deadLetter: 'dead.ndjson' };
        const opened = await open(folder, options, { ops }).catch((error: unknown) => error);
        if (opened instanceof Error) expect(opened).toBeInstanceOf(CaseTrackerError);
        else {
          const { sink, deadLetter } = opened as Awaited<ReturnType<typeof open>>;
          await deadLetter?.close();
          await sink.close();
        }
        const left = readdirSync(folder).filter((name) => /lock|tmp/.test(name));
        expect(left).toEqual([]);
        expect(readFileSync(join(folder, 'run.ndjson'), 'utf8').startsWith(lines('a'))).toBe(true);
        if (ops.faults() === 0) return;
      }
    },
  );
});

describe('a dead letter', () => {
  test('holds the failed cases as they were, and is a case file', async () => {
    const folder = temporaryFolder();
    const { sink, deadLetter } = await open(folder, { deadLetter: 'dead.ndjson' });
    await deadLetter?.write([
      enriched('a'),
      unenriched('b'),
      unenriched('c', 'cancelled'),
      unenriched(null, 'invalid'),
    ]);
    await deadLetter?.write([unenriched('d')]);
    await deadLetter?.finish();
    await sink.close();
    expect(readFileSync(join(folder, 'dead.ndjson'), 'utf8')).toBe('{"id":"b"}\n{"id":"d"}\n');
    expect(deadLetter?.count).toBe(2);
  });

  test('of an earlier run is kept beside the new one, with its mode', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'dead.ndjson'), '{"id":"old"}\n');
    chmodSync(join(folder, 'dead.ndjson'), 0o600);
    const { sink, deadLetter, notices } = await open(folder, { deadLetter: 'dead.ndjson' });
    await deadLetter?.write([unenriched('new')]);
    await deadLetter?.finish();
    await sink.close();
    expect(readFileSync(join(folder, 'dead.ndjson.old'), 'utf8')).toBe('{"id":"old"}\n');
    expect(readFileSync(join(folder, 'dead.ndjson'), 'utf8')).toBe('{"id":"new"}\n');
    expect(statSync(join(folder, 'dead.ndjson')).mode & 0o777).toBe(0o600);
    expect(notices).toEqual(['the cases that an earlier run left in dead.ndjson are now in dead.ndjson.old']);
  });

  test('on a full disk ends with a whole line and an output error', async () => {
    const folder = temporaryFolder();
    const ops = faultyOps({ calls: ['write'], at: 1, code: 'ENOSPC' });
    const { sink, deadLetter } = await open(folder, { deadLetter: 'dead.ndjson' }, { ops });
    await expect(deadLetter?.write([unenriched('a'), unenriched('b'), unenriched('c')])).rejects.toThrow(OutputError);
    await expect(deadLetter?.write([unenriched('d')])).rejects.toThrow(OutputError);
    await expect(deadLetter?.finish()).rejects.toThrow('cannot write dead.ndjson: no space left on the disk (ENOSPC)');
    await sink.close();
    expect(readFileSync(join(folder, 'dead.ndjson'), 'utf8')).toBe('{"id":"a"}\n');
  });
});

describe('a text output', () => {
  test('replaces a file as a whole', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'out.html'), 'old');
    const output = await openTextOutput({ path: 'out.html', inputs: [] }, worldIn(folder));
    await output.write('<p>');
    expect(readFileSync(join(folder, 'out.html'), 'utf8')).toBe('old');
    await output.finish();
    expect(readFileSync(join(folder, 'out.html'), 'utf8')).toBe('<p>');
  });

  test('is not one of the files it is made from', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.ndjson'), lines('a'));
    await expect(openTextOutput({ path: 'run.ndjson', inputs: ['run.ndjson'] }, worldIn(folder))).rejects.toThrow(
      'is an input file',
    );
    const keep = openTextOutput({ path: 'run.ndjson', inputs: [], keepExisting: true }, worldIn(folder));
    await expect(keep).rejects.toThrow('run.ndjson already exists');
  });

  test('goes to standard output without a path', async () => {
    const world = worldIn(temporaryFolder());
    const output = await openTextOutput({ inputs: [] }, world);
    await output.write('text');
    await output.finish();
    expect(world.stdout).toEqual(['text']);
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

describe('a file that is touched while the run writes it', () => {
  const REPLACED: readonly (readonly [string, (path: string) => void, string])[] = [
    ['deleted', (path) => rmSync(path), 'was deleted: what was written is lost'],
    ['renamed', (path) => renameSync(path, `${path}.away`), '.away'],
    ['replaced', replace, 'was replaced: what was written is lost'],
    ['renamed and replaced', renameAndReplace, '.away; FILE is another file now'],
    ['cut short', (path) => truncateSync(path, 1), 'was cut short'],
  ];

  function replace(path: string): void {
    writeFileSync(`${path}.new`, lines('of another'));
    renameSync(`${path}.new`, path);
  }

  function renameAndReplace(path: string): void {
    renameSync(path, `${path}.away`);
    writeFileSync(path, lines('of another'));
  }

  test.each(REPLACED)('a journal that was %s is told at the end: exit code 5', async (_, change, what) => {
    const folder = temporaryFolder();
    const { sink } = await open(folder, { path: 'run.ndjson' });
    await sink.write([enriched('a')]);
    change(join(folder, 'run.ndjson'));
    const error = await errorOf(Promise.resolve(sink.finish(runInfo(), summary())));
    expect([error.exitCode, error.message]).toEqual([5, expect.stringContaining(what.replace('FILE', 'run.ndjson'))]);
    expect(error.message).toMatch(/^while the run went on, run\.ndjson was /);
    expect(readdirSync(folder)).not.toContain('run.ndjson.lock');
  });

  test.each(REPLACED)('a journal that was %s stops the run within a second, not at its end', async (_, change) => {
    const folder = temporaryFolder();
    const world = worldIn(folder);
    const clock = new FakeClock();
    const { sink } = await openOutputs(
      { path: 'run.ndjson', inputs: [] },
      { ...world, host: { ...world.host, clock } },
    );
    await sink.write([enriched('a')]);
    change(join(folder, 'run.ndjson'));
    clock.advance(1_000);
    await expect
      .poll(() => errorOrNothing(() => sink.write([enriched('b')])))
      .toMatchObject({
        exitCode: 5,
        details: [expect.stringContaining('answered and not saved')],
      });
    await sink.close();
  });

  test.each(REPLACED)('a dead letter that was %s is told at the end: exit code 5', async (_, change, what) => {
    const folder = temporaryFolder();
    const { sink, deadLetter } = await open(folder, { path: 'run.ndjson', deadLetter: 'dead.ndjson' });
    await deadLetter?.write([unenriched('a')]);
    change(join(folder, 'dead.ndjson'));
    const error = await errorOf(Promise.resolve(deadLetter?.finish()));
    expect([error.exitCode, error.message]).toEqual([5, expect.stringContaining(what.replace('FILE', 'dead.ndjson'))]);
    await sink.close();
  });

  test('a JSON report whose temporary file was deleted is told', async () => {
    const folder = temporaryFolder();
    const { sink } = await open(folder, { path: 'run.json' });
    await sink.write([enriched('a')]);
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    const error = await errorOf(Promise.resolve(sink.finish(runInfo(), summary())));
    expect([error.exitCode, error.message]).toEqual([5, expect.stringContaining('somebody has deleted')]);
  });

  test('lines that somebody else has added are no loss, and a file that can not be looked at is none', async () => {
    const folder = temporaryFolder();
    const ops = { ...realFileOps };
    const { sink } = await open(folder, { path: 'run.ndjson' }, { ops });
    await sink.write([enriched('a')]);
    appendFileSync(join(folder, 'run.ndjson'), lines('of another'));
    ops.statPath = () => {
      throw Object.assign(new Error(), { code: 'EACCES' });
    };
    await sink.finish(runInfo(), summary());
    expect(readFileSync(join(folder, 'run.ndjson'), 'utf8')).toContain(lines('a', 'of another'));
  });
});

function errorOrNothing(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
