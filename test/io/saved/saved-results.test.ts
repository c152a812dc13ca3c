import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { resultLine } from '../../../src/core/results/result-text.js';
import { InputError, OutputError } from '../../../src/errors.js';
import { AtomicFile } from '../../../src/io/files/atomic-file.js';
import { type FileOps, realFileOps } from '../../../src/io/files/file-ops.js';
import type { SavedRecord } from '../../../src/io/saved/saved-record.js';
import { JsonReportSink } from '../../../src/io/sinks/json-report.js';
import { openSavedResults } from '../../../src/io/saved/saved-results.js';
import { JsonStreamSink, stdoutOutput } from '../../../src/io/sinks/stream.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';

async function read(cwd: string, names: string[], ops: FileOps = realFileOps) {
  const results = await openSavedResults(names, { cwd, random: () => 0.5, ops });
  const records: SavedRecord[] = [];
  for await (const batch of results.results()) records.push(...batch);
  return { runs: results.runs, notices: results.notices, index: results.index, records };
}

function journal(results: EnrichmentResult[], run = runInfo()): string {
  return `${results.map((result) => `${resultLine(result)}\n`).join('')}${JSON.stringify({ run, summary: summary() })}\n`;
}

async function report(path: string, results: EnrichmentResult[]): Promise<void> {
  const sink = new JsonReportSink(new AtomicFile({ name: path, path }, 1, realFileOps));
  sink.write(results);
  await sink.finish(runInfo(), summary());
}

/** The file system with reads of a few bytes at a time. */
function smallReads(size: number): FileOps {
  return {
    ...realFileOps,
    read: (fd, bytes, offset, length, position) =>
      realFileOps.read(fd, bytes, offset, Math.min(length, size), position),
  };
}

const HOSTILE = ['"results":[', '\\', ']},{', '\\"results\\":[', 'é\u2028\ud83d\ude00', '{"a":[1,2'];

describe('saved results', () => {
  test('of journals and reports are merged, the newest of each case', async () => {
    const folder = temporaryFolder();
    const later = '2026-11-22T10:00:00.000Z';
    writeFileSync(join(folder, 'a.ndjson'), journal([enriched('1'), unenriched('2')], runInfo({ id: 'A' })));
    await report(join(folder, 'b.json'), [enriched('2', { at: later }), unenriched('3')]);
    const { records, runs, notices } = await read(folder, ['a.ndjson', 'b.json']);
    expect(records.map(({ result }) => [result.caseId, result.status])).toEqual([
      ['1', 'enriched'],
      ['2', 'enriched'],
      ['3', 'failed'],
    ]);
    expect(runs.map(({ file, run }) => [file, run.id])).toEqual([
      ['a.ndjson', 'A'],
      ['b.json', 'run-1'],
    ]);
    expect(notices).toEqual([]);
  });

  test('carry their source text, on one line', async () => {
    const folder = temporaryFolder();
    const line = resultLine(enriched('a'));
    const pretty = line.replace('"status"', '\n  "status"');
    const head = `"run":${JSON.stringify(runInfo())},"summary":${JSON.stringify(summary())}`;
    writeFileSync(join(folder, 'a.json'), `{"schemaVersion":1,"results":[\n ${pretty}\n],${head}}`);
    const { records } = await read(folder, ['a.json']);
    expect(records.map(({ text }) => text)).toEqual([line]);
  });

  test('are read once when a file is named twice', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'a.ndjson'), journal([enriched('1')]));
    symlinkSync('../a.ndjson', join(folder, 'sub', 'link'));
    const { records, runs, index } = await read(folder, ['a.ndjson', './a.ndjson', 'sub/link']);
    expect([records.length, runs.length, index.isEnrichedTwice('1')]).toEqual([1, 1, false]);
  });

  test.each([
    ['UTF-16', 'is UTF-16; expected UTF-8', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without a mark', 'is UTF-16; expected UTF-8', (text: string) => Buffer.from(text, 'utf16le')],
    ['gzip', 'is compressed; expected text', (text: string) => gzipSync(text)],
  ])('in %s are refused, not taken for a torn line', async (_, problem, bytes) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ndjson'), bytes(journal([enriched('1')])));
    await expect(read(folder, ['a.ndjson'])).rejects.toMatchObject({
      name: 'InputError',
      message: `a.ndjson ${problem}`,
    });
  });

  test('of a run that was killed are read up to the torn line, with a notice, and the file is left alone', async () => {
    const folder = temporaryFolder();
    const text = `${resultLine(enriched('1'))}\n{"caseId":"2"`;
    writeFileSync(join(folder, 'a.ndjson'), text);
    const { records, notices } = await read(folder, ['a.ndjson']);
    expect(records).toHaveLength(1);
    expect(notices).toEqual([
      'a.ndjson: the last 13 bytes are a torn line, passed over',
      'a.ndjson has no summary at its end: killed, still under way, or written to stdout',
    ]);
    expect(readFileSync(join(folder, 'a.ndjson'), 'utf8')).toBe(text);
  });

  test('that are none are named', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'dir'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    writeFileSync(join(folder, 'array.json'), '[1]');
    const pipe = { ...realFileOps, open: () => realFileOps.open('/dev/null', 'r') };
    await expect(read(folder, ['no.ndjson'])).rejects.toThrow('cannot read no.ndjson: no such file');
    await expect(read(folder, ['dir'])).rejects.toThrow('cannot read dir: it is not a regular file');
    await expect(read(folder, ['pipe'], pipe)).rejects.toThrow('cannot read pipe: it is not a regular file');
    await expect(read(folder, ['array.json'])).rejects.toThrow('array.json: line 1 (byte 0) is not a result');
    await expect(read(folder, ['array.json'])).rejects.toBeInstanceOf(InputError);
  });
});

test('a journal that becomes shorter between the passes is an input error, one that grows is not', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.ndjson');
  const text = journal([enriched('1'), enriched('2')]);
  writeFileSync(path, text);
  const results = await openSavedResults(['a.ndjson'], { cwd: folder, random: () => 0.5 });
  const drain = async () => {
    let count = 0;
    for await (const records of results.results()) count += records.length;
    return count;
  };
  appendFileSync(path, `${resultLine(enriched('3'))}\n`);
  expect(await drain()).toBe(2);
  truncateSync(path, text.indexOf('\n') + 1);
  await expect(drain()).rejects.toMatchObject({
    exitCode: 3,
    message: 'a.ndjson became shorter while it was read',
  });
});

describe('a JSON report', () => {
  const results = HOSTILE.map((text) =>
    unenriched(text, 'failed', { error: { kind: 'http', message: text, retryable: true, body: text } }),
  );

  test.each([1, 2, 7, 64, 4096])('is read the same in pieces of %i bytes', async (size) => {
    const folder = temporaryFolder();
    await report(join(folder, 'a.json'), [...results, enriched('last')]);
    const { records } = await read(folder, ['a.json'], smallReads(size));
    expect(records.map(({ result }) => result)).toEqual([...results, enriched('last')].map(saved));
  });

  test('from standard output, pretty-printed or with its members in another order, is read the same', async () => {
    const folder = temporaryFolder();
    let text = '';
    const write = (more: string | Uint8Array): Promise<void> => Promise.resolve(void (text += String(more)));
    const sink = new JsonStreamSink(stdoutOutput({ isTTY: false, write }));
    await sink.write(results);
    await sink.finish(runInfo({ endpoint: '"results":[ \\' }), summary());
    const document = JSON.parse(text) as Record<string, unknown>;
    const { run, summary: counts, results: elements, schemaVersion } = document;
    const sorted = { results: elements, run, schemaVersion, summary: counts };
    const texts = [text, JSON.stringify(document, null, 2), JSON.stringify(sorted, null, '\t'), JSON.stringify(sorted)];
    for (const given of texts) {
      writeFileSync(join(folder, 'a.json'), given);
      const { records, runs } = await read(folder, ['a.json']);
      expect(records.map(({ result }) => result)).toEqual(results.map(saved));
      expect(runs[0]?.run.endpoint).toBe('"results":[ \\');
    }
  });

  test('without results is read', async () => {
    const folder = temporaryFolder();
    await report(join(folder, 'a.json'), []);
    expect(await read(folder, ['a.json'])).toMatchObject({ records: [], runs: [{ file: 'a.json' }], notices: [] });
  });

  test('cut off at any byte is an input error', async () => {
    const folder = temporaryFolder();
    await report(join(folder, 'whole.json'), results.slice(0, 2));
    const whole = readFileSync(join(folder, 'whole.json'));
    const space = whole.indexOf('   ') + 20;
    for (let size = 30; size < whole.length - 1; size++) {
      if (size > space && size < space + 1500) continue;
      writeFileSync(join(folder, 'cut.json'), whole.subarray(0, size));
      const error = await read(folder, ['cut.json']).catch((thrown: unknown) => thrown);
      expect(error, `cut at byte ${size}`).toBeInstanceOf(InputError);
    }
  });

  test.each([
    ['without comma between results', (text: string) => text.replace(',\n{"caseId"', '\n{"caseId"'), 'not a result'],
    ['with a comma too many', (text: string) => text.replace('\n],', ',\n],'), 'results[2] is not a result'],
    ['with something else in results', (text: string) => text.replace('"results":[', '"results":[5,'), 'results[0]'],
    [
      'of another version',
      (text: string) => text.replace('"schemaVersion":1', '"schemaVersion":2'),
      'neither a journal nor',
    ],
    ['without run', (text: string) => text.replace('"run"', '"ran"'), 'neither a journal nor'],
    ['with text behind it', (text: string) => `${text}x`, 'neither a journal nor'],
  ])('%s is an input error', async (_, damage, message) => {
    const folder = temporaryFolder();
    await report(join(folder, 'a.json'), results.slice(0, 2));
    writeFileSync(join(folder, 'a.json'), damage(readFileSync(join(folder, 'a.json'), 'utf8')));
    await expect(read(folder, ['a.json'])).rejects.toThrow(message);
  });
});

test('an error of the disk while reading is an input error', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.ndjson'), journal([enriched('1')]));
  const read5 = (): Promise<number> => Promise.reject(Object.assign(new Error(), { code: 'EIO' }));
  const error = await read(folder, ['a.ndjson'], { ...realFileOps, read: read5 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect(error).not.toBeInstanceOf(OutputError);
  expect((error as InputError).message).toBe('cannot read a.ndjson: the disk or device reports an error (EIO)');
});
