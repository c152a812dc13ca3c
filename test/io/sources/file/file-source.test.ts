import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Entry } from '../../../../src/core/case.js';
import { InputError, UsageError } from '../../../../src/errors.js';
import { cannotRead } from '../../../../src/io/files/file-problem.js';
import { loadCases, readCases } from '../../../../src/io/sources/load.js';
import { openCounter, openSource } from '../../../../src/io/sources/file/file-source.js';
import type { FileSource, ReadOptions } from '../../../../src/io/sources/file/file-source.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'case-tracker-source-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return name;
}

interface Outcome {
  /** `index place id`, or `index place! problem`. */
  readonly entries: string[];
  readonly batches: number;
  readonly stats: FileSource['counts'] & FileSource['facts'];
  readonly complete: boolean;
  readonly error?: unknown;
}

const IN_THREAD = { smallBytes: 0, hereBytes: 0 };
const IN_TURNS = { smallBytes: 0, hereBytes: Number.MAX_SAFE_INTEGER };
const AT_ONCE = { smallBytes: Number.MAX_SAFE_INTEGER };

/** In a thread, in turns of the main thread, and at once, which must come to the same. */
async function read(files: string | readonly string[], options: Partial<ReadOptions> = {}): Promise<Outcome> {
  const inThread = await readOnce(files, { ...options, ...IN_THREAD });
  expect(await readOnce(files, { ...options, ...IN_TURNS })).toEqual(inThread);
  expect(await readOnce(files, { ...options, ...AT_ONCE })).toEqual(inThread);
  return inThread;
}

async function readOnce(files: string | readonly string[], options: Partial<ReadOptions>): Promise<Outcome> {
  const source = openSource({ files: typeof files === 'string' ? [files] : files, cwd: folder, ...options });
  const entries: string[] = [];
  let batches = 0;
  let error: unknown;
  try {
    for await (const batch of source) {
      batches++;
      entries.push(...batch.map(shown));
    }
  } catch (caught) {
    error = caught;
  }
  return {
    entries,
    batches,
    stats: { ...source.counts, ...source.facts },
    complete: source.complete,
    ...(error === undefined ? {} : { error }),
  };
}

function shown(entry: Entry): string {
  const { line, index } = entry.source;
  const place = `${entry.source.file}:${line ?? `[${index}]`}`;
  if (entry.kind === 'case') return `${entry.index} ${place} ${entry.case.id}`;
  return `${entry.index} ${place}! ${entry.message}`;
}

describe('a source', () => {
  test('gives cases and invalid records in input order, over all files', async () => {
    file('a.ndjson', '{"id":"x"}\n{"id":"x","n":2}\noops\n{"title":"t"}\n');
    file('b.json', '[{"id":"..","n": 1.0},\n{"id":12345678901234567890,\n"n":1},{"id":"x"},5]');
    const { entries, stats, complete } = await read(['a.ndjson', 'b.json']);
    expect(entries).toEqual([
      '0 a.ndjson:1 x',
      '1 a.ndjson:2! the id "x" was seen before',
      "2 a.ndjson:3! not JSON: Unexpected token 'o'",
      '3 a.ndjson:4! no id; expected a non-empty string or an integer',
      '4 b.json:[0] ..',
      '5 b.json:[1] 12345678901234567890',
      '6 b.json:[2]! the id "x" was seen before',
      '7 b.json:[3]! found a number; expected an object',
    ]);
    expect(stats).toMatchObject({
      read: 8,
      selected: 3,
      invalid: 5,
      invalidHidden: 0,
      bytesRead: 118,
      bytesTotal: 118,
    });
    expect(complete).toBe(true);
  });

  test('keeps the text of a case as it is, on one line', async () => {
    file('text.json', '[ {"id":"a", "n":1.0,"n":12345678901234567890,\n  "\\u0062":[1, 2]} ]');
    file('text.ndjson', '  {"id" : "b","__proto__":{"x":1}} \r\n');
    const texts: string[] = [];
    for await (const entry of readCases([join(folder, 'text.json'), join(folder, 'text.ndjson')])) {
      if (entry.kind === 'case') texts.push(entry.case.text);
    }
    expect(texts).toEqual([
      '{"id":"a","n":1.0,"n":12345678901234567890,"\\u0062":[1,2]}',
      '{"id" : "b","__proto__":{"x":1}}',
    ]);
  });

  test('names the id of an invalid record that has one', async () => {
    file('id.ndjson', '{"id":7,"status":5}\n{"id":7}\n');
    const entries: Entry[] = [];
    for await (const batch of openSource({ files: ['id.ndjson'], cwd: folder })) entries.push(...batch);
    expect(entries[0]).toEqual({
      kind: 'invalid',
      index: 0,
      caseId: '7',
      source: { file: 'id.ndjson', line: 1 },
      message: 'status is 5; expected a string',
    });
    expect(entries[1]).toMatchObject({ kind: 'case', case: { id: '7' } });
  });

  test.each([
    ['an empty array', 'empty-array.json', '[]'],
    ['an empty NDJSON file', 'empty.ndjson', ''],
    ['an empty file of unknown form', 'empty', ''],
  ])('%s is no case', async (_, name, content) => {
    const { entries, error, complete } = await read(file(name, content));
    expect([entries, error, complete]).toEqual([[], undefined, true]);
  });

  test('no file is no case', async () => {
    expect(await read([])).toMatchObject({ entries: [], complete: true });
  });

  test('reads many batches with their indexes, and a record too large among them', async () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `{"id":${i}}`);
    lines[1000] = `{"id":"${'x'.repeat(16 * 1024 * 1024)}"}`;
    const { entries, stats, batches } = await read(file('many.ndjson', lines.join('\n')));
    expect(entries).toHaveLength(2000);
    expect(entries[999]).toBe('999 many.ndjson:1000 999');
    expect(entries[1000]).toBe('1000 many.ndjson:1001! larger than 16 MiB');
    expect(entries[1999]).toBe('1999 many.ndjson:2000 1999');
    expect(stats).toMatchObject({ read: 2000, selected: 1999, invalid: 1 });
    expect(batches).toBeGreaterThanOrEqual(8);
  });

  test('gunzips by content, whatever the name says', async () => {
    file('c.json.gz', gzipSync('[{"id":1}]'));
    file('d.ndjson', gzipSync('{"id":2}\n'));
    file('e', Buffer.concat([gzipSync('{"id":3}\n'), gzipSync('{"id":4}\n'), Buffer.alloc(100_000)]));
    file('f.ndjson', Buffer.concat([gzipSync('{"id":5}\n'), Buffer.alloc(700), gzipSync('{"id":6}\n')]));
    const { entries, stats } = await read(['c.json.gz', 'd.ndjson', 'e', 'f.ndjson']);
    expect(entries.slice(0, 4)).toEqual(['0 c.json.gz:[0] 1', '1 d.ndjson:1 2', '2 e:1 3', '3 e:2 4']);
    expect(entries.slice(4)).toEqual(['4 f.ndjson:1 5', '5 f.ndjson:2 6']);
    expect(stats.bytesRead).toBe(stats.bytesTotal);
  });

  test('reads fields under other names, from another place', async () => {
    file('export.json', '{"issues":[{"number":7,"state":"open"},{"number":8,"state":"closed"}]}');
    const options = {
      root: '/issues',
      idField: 'number',
      fieldNames: { status: 'state' },
      selection: { status: ['open'] },
    };
    expect((await read('export.json', options)).entries).toEqual(['0 export.json:[0] 7']);
  });

  test('selects, numbers what it selected, and tells what it saw', async () => {
    file(
      'sel.ndjson',
      '{"id":1,"status":"closed"}\n5\n{"id":2,"status":"open","dueAt":"2026-01-01"}\n{"id":"A","status":"open"}\n',
    );
    const now = Date.parse('2026-06-01');
    const { entries, stats } = await read('sel.ndjson', { selection: { status: ['open'] }, now });
    expect(entries).toEqual(['0 sel.ndjson:3 2', '1 sel.ndjson:4 A']);
    expect(stats).toMatchObject({ read: 4, selected: 2, invalid: 0, invalidHidden: 1, overdue: 1 });
    expect(stats.valuesInUse.status).toEqual([
      ['open', 2],
      ['closed', 1],
    ]);
    const byId = await read(['sel.ndjson', 'a.ndjson'], { selection: { id: ['a', '1', '9'] } });
    expect(byId.entries).toEqual(['0 sel.ndjson:1 1', '1 sel.ndjson:4 A']);
    expect(byId.stats.missingIds).toEqual(['9']);
  });

  test('first stops the reading, before any later fault', async () => {
    file('first.ndjson', '{"id":1}\noops\n{"id":2}\n{"id":3}\n{"id":4');
    const { entries, error, complete, stats } = await read(['first.ndjson', 'not-there.json'], {
      selection: { first: 2 },
    });
    expect(entries.map((entry) => entry.split(' ')[1])).toEqual([
      'first.ndjson:1',
      'first.ndjson:2!',
      'first.ndjson:3',
    ]);
    expect([error, complete, stats.read]).toEqual([undefined, false, 3]);
  });

  test('shards part all records, invalid ones too', async () => {
    file(
      'shard.ndjson',
      Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'oops' : `{"id":${i}}`)).join('\n') + '\n',
    );
    const places: string[] = [];
    for (const index of [1, 2, 3]) {
      const { entries, stats } = await read('shard.ndjson', { selection: { shard: { index, count: 3 } } });
      places.push(...entries.map((entry) => entry.split(' ')[1] ?? ''));
      expect(stats.read).toBe(60);
    }
    expect(new Set(places).size).toBe(60);
    expect(places).toHaveLength(60);
  });

  test('only regular files are counted ahead: from anything else that would take what there is to read', async () => {
    file('ahead.ndjson', '{"id":1}\n{"id":2}\n');
    file('void', '');
    symlinkSync('ahead.ndjson', join(folder, 'ahead-link'));
    execFileSync('mkfifo', [join(folder, 'ahead-pipe')]);
    const counter = openCounter({ files: ['ahead.ndjson', 'ahead-link'], cwd: folder });
    for await (const _ of counter ?? []);
    // Without a selection all are counted as selected, whether they are valid or not.
    expect([counter?.counts.selected, counter?.counts.invalid]).toEqual([4, 0]);
    const stdinFd = openSync(join(folder, 'ahead.ndjson'), 'r');
    const others = ['ahead-pipe', '-', '/dev/stdin', `/proc/self/fd/${stdinFd}`, '/dev/null', 'void', 'not-there'];
    const counted = others.filter((name) => openCounter({ files: ['ahead.ndjson', name], cwd: folder, stdinFd }));
    expect(counted).toEqual([]);
    closeSync(stdinFd);
  });

  test.each([
    ['cases.ndjson', {}, 2 + 3],
    ['cases.ndjson', { first: 1 }, 1],
    ['cases.ndjson', { shard: { index: 1, count: 1 } }, 2 + 3],
    ['cases.ndjson', { id: ['2'] }, 1],
    ['cases.json', {}, 2 + 1],
  ])('%s counted ahead with %j: as many as there will be results', async (name, selection, count) => {
    const lines = ['{"id":1}', '', '{"id":2}', 'nothing', ' \t\r', '{"id":1}', '[]'];
    file('cases.ndjson', lines.join('\n'));
    file('cases.json', '[{"id":1},{"id":2},{"id":1}]');
    const options = { files: [name], cwd: folder, selection };
    for (const how of [IN_THREAD, IN_TURNS, AT_ONCE]) {
      const counter = openCounter({ ...options, ...how });
      for await (const _ of counter ?? []);
      const { selected = 0, invalid = 0 } = counter?.counts ?? {};
      expect(selected + invalid).toBe(count);
      const { stats } = await readOnce(name, { selection, ...how });
      expect(stats.selected + stats.invalid).toBe(count);
    }
  });

  test('can only count', async () => {
    file('count.ndjson', '{"id":1}\n{"id":1}\n{"id":2}\n');
    const { entries, stats } = await read('count.ndjson', { countOnly: true });
    expect([entries, stats.selected, stats.invalid]).toEqual([[], 2, 1]);
  });
});

describe('the fixtures', () => {
  const cwd = fileURLToPath(new URL('../../../../fixtures', import.meta.url));

  test('cases.ndjson and cases.json hold valid cases', async () => {
    const ids = async (name: string) => (await read(name, { cwd })).entries.map((entry) => entry.split(' ')[2]);
    expect(await ids('cases.ndjson')).toEqual(['CASE-001', 'CASE-002', 'CASE-003', '90071992547409931']);
    expect(await ids('cases.json')).toEqual(['CASE-001', 'CASE-002', '90071992547409931']);
  });

  test('malformed.ndjson shows what makes a record invalid', async () => {
    const { entries } = await read('malformed.ndjson', { cwd });
    expect(entries.map((entry) => entry.replaceAll('malformed.ndjson:', ''))).toMatchInlineSnapshot(`
      [
        "0 1 good-1",
        "1 2! not JSON: Unterminated string at position 22",
        "2 3! no id; expected a non-empty string or an integer",
        "3 4! id is 1.5; expected a non-empty string or an integer",
        "4 5! found an array; expected an object",
        "5 6! dueAt is "2026-02-30"; expected an ISO 8601 date or date-time",
        "6 7! tags is an array with 5 in it; expected an array of strings",
        "7 8! the id "good-1" was seen before",
        "8 10 good-2",
      ]
    `);
  });

  test('export.json is read with a root and its own names', async () => {
    const fieldNames = { status: 'state', assignee: 'assignee.login', tags: 'labels' };
    const options = { cwd, root: '/data/issues', idField: 'number', fieldNames };
    expect((await read('export.json', options)).entries).toEqual(['0 export.json:[0] 17', '1 export.json:[1] 18']);
    const selection = { assignee: ['mira'], tag: ['ops'] };
    expect((await read('export.json', { ...options, selection })).stats.selected).toBe(1);
  });
});

describe('a file that cannot be read', () => {
  test.each<[string, string, string, string | undefined]>([
    ['is missing', 'cases.jsn', 'cannot read cases.jsn: no such file', 'there is cases.json in this folder'],
    ['is missing, with nothing like it', 'zzzzzzzzzz', 'cannot read zzzzzzzzzz: no such file', undefined],
    ['is in a folder that is missing', 'no/cases.json', 'cannot read no/cases.json: no such file', undefined],
    ['is a directory', 'sub', 'cannot read sub: it is a folder', 'name the files in it: sub/*.json'],
    ['is in a file', 'cases.json/x', 'cannot read cases.json/x: a part of its path is not a folder', undefined],
    ['is a link to itself', 'loop', 'cannot read loop: its links lead in a circle', undefined],
    ['is empty', 'void.json', 'void.json is empty; expected a JSON array of cases', undefined],
    ['is not gzip', 'plain.gz', 'plain.gz is not gzip, in spite of its name', 'rename it without .gz'],
  ])('because it %s', async (_, name, message, hint) => {
    file('cases.json', '[]');
    file('void.json', '');
    file('plain.gz', '{"id":1}\n');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    rmSync(join(folder, 'loop'), { force: true });
    symlinkSync('loop', join(folder, 'loop'));
    const { error, entries, complete } = await read(name);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ message, hint, exitCode: 3 });
    expect([entries, complete]).toEqual([[], false]);
  });

  test('because of permissions', () => {
    const error = cannotRead('x.json', Object.assign(new Error('no'), { code: 'EACCES' }), '/x.json');
    expect(error).toMatchObject({ message: 'cannot read x.json: no permission', exitCode: 3 });
  });

  test('gives what came before it, from earlier files too', async () => {
    file('good.ndjson', '{"id":1}\n');
    file('bad.json', '[{"id":2},\n{"id":3},\n{"id":4]');
    const { entries, error, stats } = await read(['good.ndjson', 'bad.json', 'good.ndjson']);
    expect(entries).toEqual(['0 good.ndjson:1 1', '1 bad.json:[0] 2', '2 bad.json:[1] 3']);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^bad.json: the record with index 2 is not JSON.*\(byte 21, line 3\)$/) as string,
    });
    expect(stats.read).toBe(3);
  });

  test('gives the records before the place where gzip is cut off or damaged', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"id":${i},"x":"${(i * 7919) % 10_007}"}\n`).join('');
    const whole = gzipSync(lines);
    const counts: number[] = [];
    for (const length of [3, 11, 1000, Math.floor(whole.length / 2), whole.length - 9, whole.length - 1]) {
      const { error, entries } = await read(file('cut.ndjson.gz', whole.subarray(0, length)));
      expect(error).toMatchObject({ message: 'cut.ndjson.gz is cut off: the compressed data ends early', exitCode: 3 });
      counts.push(entries.length);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(0)).toBe(0);
    expect(counts.at(-1)).toBe(20_000);
    const damaged = Buffer.from(whole).fill(0xff, whole.length / 2, whole.length / 2 + 50);
    expect((await read(file('cut.ndjson.gz', damaged))).error).toMatchObject({
      message: expect.stringMatching(/^cut.ndjson.gz is (damaged|cut off)/) as string,
    });
  });

  test.each([
    ['text', Buffer.from('rubbish')],
    ['text behind zeros', Buffer.concat([Buffer.alloc(600), Buffer.from('rubbish')])],
    ['half a beginning of gzip', Buffer.from([0x1f])],
    ['text that begins almost like gzip', Buffer.from([0x1f, 0x8a, 0x08])],
  ])(
    'gives all records of gzip before %s after its last member, also a last one without a newline',
    async (_, rest) => {
      const lines = Array.from({ length: 3000 }, (__, i) => `{"id":${i}}\n`).join('');
      const good = Buffer.concat([gzipSync(lines), gzipSync(''), gzipSync('{"id":"a"}\n{"id":"z"}')]);
      const { entries, error } = await read(file('rubbish.ndjson.gz', Buffer.concat([good, rest])));
      expect([entries.length, entries.at(-1)]).toEqual([3002, '3001 rubbish.ndjson.gz:3002 z']);
      expect(error).toMatchObject({
        exitCode: 3,
        message: `rubbish.ndjson.gz goes on with something that is not gzip (byte ${good.length})`,
        hint: `get the file again, or use its first ${good.length} bytes: head -c ${good.length}`,
      });
      const document = await read(file('rubbish.json.gz', Buffer.concat([gzipSync('[{"id":1},{"id":2}]'), rest])));
      expect([document.entries.length, document.error]).toEqual([2, expect.any(InputError)]);
      const enough = await read('rubbish.ndjson.gz', { selection: { first: 3002 } });
      expect([enough.entries.length, enough.error]).toEqual([3002, undefined]);
    },
  );

  test.each([
    ['does not agree with its check sum', 8, 'is damaged: incorrect data check'],
    ['does not agree with its length', 4, 'is damaged: incorrect data check'],
  ])('gives all records of gzip that %s', async (_, fromEnd, message) => {
    const bytes = gzipSync('{"id":1}\n{"id":2}');
    bytes[bytes.length - fromEnd] = (bytes[bytes.length - fromEnd] ?? 0) ^ 1;
    const { entries, error } = await read(file('sum.ndjson.gz', bytes));
    expect([entries.length, error]).toEqual([2, expect.objectContaining({ message: `sum.ndjson.gz ${message}` })]);
  });

  test('--root that is no pointer is a usage error', () => {
    expect(() => openSource({ files: [], root: 'issues' })).toThrow(UsageError);
  });
});

describe('ending early', () => {
  const endless = (): string => file('long.ndjson', Array.from({ length: 50_000 }, (_, i) => `{"id":${i}}\n`).join(''));

  test('a consumer that breaks off ends the reading', async () => {
    const source = openSource({ files: [endless()], cwd: folder });
    for await (const batch of source) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect(source.complete).toBe(false);
    expect(source.counts.read).toBeLessThan(50_000);
  });

  test('close ends an iteration that is under way', async () => {
    const source = openSource({ files: [endless()], cwd: folder });
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    await source.close();
    let more = await iterator.next();
    while (!more.done) more = await iterator.next();
    expect(source.complete).toBe(false);
  });

  test('several calls of next are answered in order', async () => {
    const entries = readCases(join(folder, endless()));
    const results = await Promise.all(Array.from({ length: 600 }, () => entries.next()));
    expect(results.map(({ value }) => value?.index)).toEqual(results.map((_, at) => at));
    await entries.return?.();
    expect(await entries.next()).toEqual({ done: true, value: undefined });
  });

  test('a pipe is closed once: whoever gets its number next keeps it', async () => {
    execFileSync('mkfifo', [join(folder, 'once'), join(folder, 'then')]);
    const stdinFd = openSync(join(folder, 'then'), constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = await open(join(folder, 'then'), 'w');
    const source = openSource({ files: ['once', '-'], cwd: folder, stdinFd });
    const iterator = source[Symbol.asyncIterator]();
    const first = iterator.next();
    await writeFile(join(folder, 'once'), '{"id":1}\n');
    expect((await first).value).toHaveLength(1);
    // When the thread has come to the second pipe, which it need not open, the number of the first is free.
    await writer.write('{"id":2}\n');
    expect((await iterator.next()).value).toHaveLength(1);
    const next = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
    await source.close();
    await writer.close();
    for (const fd of next) expect(() => closeSync(fd)).not.toThrow();
  });

  test.skipIf(process.platform !== 'linux')('nothing stays open, of a file or of a pipe', async () => {
    const path = join(folder, 'idle');
    execFileSync('mkfifo', [path]);
    const writer = await open(path, 'r+');
    await writer.write('{"id":1}\n');
    const ways = [
      [endless(), IN_THREAD],
      [endless(), IN_TURNS],
      ['idle', IN_THREAD],
    ] as const;
    for (const [name, how] of ways) {
      const source = openSource({ files: [name], cwd: folder, ...how });
      const before = openIn(folder);
      await source[Symbol.asyncIterator]().next();
      expect(openIn(folder)).toHaveLength(before.length + 1);
      await source.close();
      expect(openIn(folder)).toEqual(before);
    }
    await writer.close();
  });

  /** What this process has open in the folder. */
  function openIn(parent: string): string[] {
    return readdirSync('/proc/self/fd')
      .map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return '';
        }
      })
      .filter((target) => target.startsWith(parent));
  }

  test('in turns of the main thread, no more is read than is asked for, and others have their turn', async () => {
    const source = openSource({ files: [endless()], cwd: folder, ...IN_TURNS });
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(source.counts.bytesRead).toBeLessThan(200_000);
    let turns = 0;
    const count = (): void => void (turns++, (ticking = setImmediate(count)));
    let ticking = setImmediate(count);
    while (source.counts.bytesRead < 400_000) expect((await iterator.next()).done).toBe(false);
    clearImmediate(ticking);
    expect(turns).toBeGreaterThan(3);
    await source.close();
    const atClose = source.counts.bytesRead;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(source.counts.bytesRead).toBe(atClose);
  });

  test('close before the iteration makes it empty', async () => {
    const source = openSource({ files: [endless()], cwd: folder });
    await source.close();
    expect(() => source[Symbol.asyncIterator]()).toThrow('once');
  });

  test('a signal ends it with its reason, also while waiting', async () => {
    const controller = new AbortController();
    const source = openSource({ files: [endless()], cwd: folder, signal: controller.signal });
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort(new Error('enough'));
    await expect(iterator.next()).rejects.toThrow('enough');
    const late = openSource({ files: ['long.ndjson'], cwd: folder, signal: controller.signal });
    await expect(late[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  });

  test('a signal counts also when everything was read but not yet taken', async () => {
    const controller = new AbortController();
    const source = openSource({ files: [file('two.ndjson', '{"id":1}\n')], cwd: folder, signal: controller.signal });
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    while (!source.complete) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await expect(iterator.next()).rejects.toThrow('enough');
    expect(source.complete).toBe(false);
  });

  test.each([
    ['throws', 'throw new Error("boom")', 'the reading thread failed: boom'],
    ['exits', 'process.exit(3)', 'the reading thread ended early (code 3)'],
    ['ends without a word', '', 'the reading thread ended early (code 0)'],
  ])('a reading thread that %s is an error of the consumer', async (_, code, message) => {
    const source = openSource({ files: ['-'] }, new URL(`data:text/javascript,${code}`));
    await expect(source[Symbol.asyncIterator]().next()).rejects.toThrow(message);
  });

  test.each([
    ['EMFILE', 'the input cannot be read: too many open files'],
    ['ERR_WORKER_INIT_FAILED', 'the input cannot be read: the system starts no thread for it'],
    ['ERR_WORKER_OUT_OF_MEMORY', 'the input cannot be read: the thread that reads it has run out of memory'],
  ])('a reading thread that ends with %s is no bug: the machine has no more for it', async (code, message) => {
    const thread = `throw Object.assign(new Error("no"), { code: "${code}" })`;
    const source = openSource({ files: ['-'] }, new URL(`data:text/javascript,${thread}`));
    const ended = source[Symbol.asyncIterator]().next();
    await expect(ended).rejects.toThrow(message);
    await expect(ended).rejects.toBeInstanceOf(InputError);
  });

  test('a bug in the reading thread is an error of the consumer', async () => {
    const selection = { where: [{ name: undefined as unknown as string, op: '=', value: 'x' }] } as const;
    const { error } = await read(file('bug.ndjson', '{"id":1}\n'), { selection });
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(InputError);
  });
});

describe('standard input', () => {
  const children: ChildProcess[] = [];
  afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

  /** A process that runs the code with `openSource` in scope, and prints lines. */
  function run(code: string, stdin: 'pipe' | 'ignore' = 'pipe') {
    const source = JSON.stringify(new URL('../../../../dist/io/sources/file/file-source.js', import.meta.url).href);
    const args = ['--input-type=module', '-e', `import { openSource } from ${source};\n${code}`];
    const child = spawn(process.execPath, args, { stdio: [stdin, 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  async function output(child: ChildProcess): Promise<string> {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return `${text}${code}`;
  }

  const PRINT_ALL = `
    const source = openSource({ files: ['-'] });
    for await (const batch of source) for (const entry of batch) console.log(entry.case?.id ?? entry.message, JSON.stringify(entry.source));
    console.log(source.complete);`;

  test('delivers each case as it comes, in an endless stream', async () => {
    const child = run(PRINT_ALL);
    const lines = child.stdout?.[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (const id of [1, 2, 3]) {
      child.stdin?.write(`{"id":${id}}\n`);
      const { value } = (await lines.next()) as { value: Buffer };
      expect(value.toString()).toBe(`${id} {"file":"-","line":${id}}\n`);
    }
    child.stdin?.end();
    expect(((await lines.next()) as { value: Buffer }).value.toString()).toBe('true\n');
  });

  test.each([
    ['an array', '[{"id":1}]', '1 {"file":"-","index":0}\ntrue\n0'],
    ['gzip', gzipSync('{"cases":[{"id":1}]}'), '1 {"file":"-","index":0}\ntrue\n0'],
    ['nothing', '', 'true\n0'],
  ])('may be %s', async (_, content, expected) => {
    const child = run(PRINT_ALL);
    child.stdin?.end(content);
    expect(await output(child)).toBe(expected);
  });

  test('may be a device', async () => {
    expect(await output(run(PRINT_ALL, 'ignore'))).toBe('true\n0');
  });

  test.each([
    ['close', 'setImmediate(() => source.close());'],
    ['return', 'setImmediate(() => iterator.return());'],
    ['the signal', 'setImmediate(() => controller.abort());'],
    ['nothing but first', ''],
  ])('that is idle does not keep the process: ended by %s', async (how, end) => {
    const child = run(`
      const controller = new AbortController();
      const selection = ${how === 'nothing but first' ? '{ first: 1 }' : '{}'};
      const source = openSource({ files: ['-'], signal: controller.signal, selection });
      const iterator = source[Symbol.asyncIterator]();
      const iterated = { [Symbol.asyncIterator]: () => iterator };
      try { for await (const batch of iterated) { console.log(batch.length); ${end} } } catch (error) { console.log(error.name); }
      console.log('over');`);
    child.stdin?.write('{"id":1}\n');
    expect(await output(child)).toBe(how === 'the signal' ? '1\nAbortError\nover\n0' : '1\nover\n0');
  });
});

describe('loadCases', () => {
  test('gives all cases of a file', async () => {
    file('load.json', '{"cases":[{"id":1,"n":1.0},{"id":"b"}]}');
    const cases = await loadCases(join(folder, 'load.json'));
    expect(cases.map(({ id, text, value }) => [id, text, value])).toEqual([
      ['1', '{"id":1,"n":1.0}', { id: 1, n: 1 }],
      ['b', '{"id":"b"}', { id: 'b' }],
    ]);
  });

  test('names the invalid records instead of leaving them out', async () => {
    const path = join(folder, file('invalid.ndjson', '{"id":1}\n5\n6\n7\n8\n'));
    await expect(loadCases(path)).rejects.toMatchObject({
      message: '4 records are no valid cases',
      details: [2, 3, 4].map((line) => `${path}:${line}: found a number; expected an object`).concat('and 1 more'),
    });
  });

  test('throws what makes a file unreadable, and the reason of a signal', async () => {
    await expect(loadCases(join(folder, 'not-there.json'))).rejects.toBeInstanceOf(InputError);
    await expect(loadCases(join(folder, 'load.json'), { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
  });
});
