import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EnrichmentResult } from '../../../src/core/case.js';
import { KeyedHash } from '../../../src/core/hash/keyed-hash.js';
import { ResumeIndex } from '../../../src/core/merge/resume-index.js';
import { InputError, OutputError, renderError } from '../../../src/errors.js';
import { type FileOps, realFileOps } from '../../../src/io/files/file-ops.js';
import { type JournalLine, readJournal } from '../../../src/io/saved/journal-reader.js';
import { openForReading } from '../../../src/io/saved/saved-file.js';
import { JournalSink } from '../../../src/io/sinks/journal.js';
import { readContent, repairEnd } from '../../../src/io/saved/journal-repair.js';
import { FakeClock } from '../../helpers/clock.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';

const ID = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });

function newSink(path: string, ops: FileOps = realFileOps, clock = new FakeClock()): JournalSink {
  const fd = realFileOps.open(path, 'a');
  return new JournalSink({ name: 'run.ndjson', path, fd, lock: { release: () => {} } }, ops, clock);
}

async function linesOf(path: string): Promise<JournalLine[]> {
  const fd = openForReading({ name: 'run.ndjson', path }, realFileOps);
  const lines: JournalLine[] = [];
  for await (const batch of readJournal('run.ndjson', fd, realFileOps)) lines.push(...batch);
  realFileOps.close(fd);
  return lines;
}

async function indexOf(path: string): Promise<ResumeIndex> {
  const index = new ResumeIndex(new KeyedHash(1, 2));
  const { end } = await readContent({ name: 'run.ndjson', path }, realFileOps, index);
  await repairEnd({ name: 'run.ndjson', path }, end, realFileOps);
  return index;
}

describe('what is written can be read back', () => {
  test('results of hostile ids and texts come back as they went in', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const result = fc.oneof(
      fc.tuple(ID, fc.nat()).map(([id, index]) => enriched(id, { index })),
      fc
        .tuple(ID, ID)
        .map(([id, message]) =>
          unenriched(id, 'failed', { error: { kind: 'http', message, httpStatus: 503, retryable: true } }),
        ),
      ID.map((file) => unenriched(null, 'invalid', { source: { file, line: 3 } })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(result, { maxLength: 30 }), async (results) => {
        writeFileSync(path, '');
        const sink = newSink(path);
        sink.write(results);
        await sink.finish(runInfo(), summary());
        const lines = await linesOf(path);
        expect(lines.map((line) => line.kind)).toEqual([...results.map(() => 'result'), 'run']);
        expect(lines.flatMap((line) => (line.kind === 'result' ? [line.result] : []))).toEqual(results.map(saved));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('the source text of a result is given back with its big integers', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const sink = newSink(path);
    sink.write([enriched('a')]);
    await sink.close();
    const [line] = await linesOf(path);
    expect(line).toMatchObject({ line: 1, text: readFileSync(path, 'utf8').trim() });
    expect(JSON.stringify(line)).toContain('12345678901234567890');
  });

  test('lines longer than a chunk, line ends of Windows, blank lines and a byte order mark are read', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const long = unenriched('long', 'failed', {
      error: { kind: 'http', message: 'é'.repeat(400_000), retryable: true },
    });
    const lines = [enriched('a'), long, enriched('b')].map((result) => JSON.stringify(saved(result)));
    writeFileSync(path, `\ufeff${lines.join('\r\n\r\n')}\r\n`);
    const read = await linesOf(path);
    expect(read.map((line) => line.kind === 'result' && line.result.caseId)).toEqual(['a', 'long', 'b']);
    expect(read.map(({ line }) => line)).toEqual([1, 3, 5]);
  });
});

describe('a journal that was cut off', () => {
  test('at every byte of its last 300 gives the results of its whole lines, and can be appended to', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const results = ['a', 'b', 'c', 'd', 'é'].map((id) => enriched(id));
    const sink = newSink(path);
    sink.write(results);
    await sink.close();
    const whole = readFileSync(path);
    for (let cut = 0; cut <= 300; cut++) {
      const kept = whole.subarray(0, whole.length - cut);
      writeFileSync(path, kept);
      const index = await indexOf(path);
      const expected = results.filter((_, at) => endOf(whole, at) <= kept.length);
      expect(results.filter(({ caseId, key }) => index.isDone(caseId, key))).toEqual(expected);
      appendFileSync(path, `${JSON.stringify(saved(enriched('next')))}\n`);
      expect((await linesOf(path)).at(-1)).toMatchObject({ result: { caseId: 'next' } });
    }
  });

  /** Where the result at `line` is whole: its line break may be missing. */
  function endOf(journal: Buffer, line: number): number {
    return journal
      .toString('latin1')
      .split('\n')
      .slice(0, line + 1)
      .join('\n').length;
  }

  test('has its torn tail moved to FILE.torn, after what is there already', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const line = `${JSON.stringify(saved(enriched('a')))}\n`;
    for (const tail of ['{"caseId":"b', '{"caseId":"c"']) {
      writeFileSync(path, line + tail);
      await indexOf(path);
      expect(readFileSync(path, 'utf8')).toBe(line);
    }
    expect(readFileSync(`${path}.torn`, 'utf8')).toBe('{"caseId":"b{"caseId":"c"');
  });

  test.each([
    ['zeros alone', '\0'.repeat(5000)],
    ['the beginning of a line, then zeros', `{"caseId":"b${'\0'.repeat(300)}`],
    ['zeros and a line break', '\0\0\0\n'],
    ['zeros, a line break and zeros', '\0\0\n\0\0\0'],
  ])('by a power cut ends with %s: they are moved', async (_, tail) => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const line = `${JSON.stringify(saved(enriched('a')))}\n`;
    writeFileSync(path, line + tail);
    expect((await indexOf(path)).size).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe(line);
    expect(readFileSync(`${path}.torn`, 'utf8')).toBe(tail);
  });

  test('keeps its mode for the torn tail', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    writeFileSync(path, '{"caseId', { mode: 0o600 });
    await indexOf(path);
    expect(statSync(`${path}.torn`).mode & 0o777).toBe(0o600);
  });
});

describe('a line that is no result', () => {
  const good = JSON.stringify(saved(enriched('a')));
  const offset = Buffer.byteLength(good) + 1;

  test.each([
    ['in the middle', `${good}\n{"caseId":"b"\n${good}\n`, 'it is not JSON'],
    ['in the middle, with zeros', `${good}\n{"caseId":"\0"}\n${good}\n`, 'it is not JSON'],
    ['at the end, with its line break', `${good}\nnonsense\n`, 'it is not JSON'],
    ['at the end, whole JSON without line break', `${good}\n{"a":1}`, 'no caseId'],
    ['at the end, no beginning of a result', `${good}\nhello`, 'it is not JSON'],
    ['that is an array', `${good}\n[]\n`, 'it is not an object'],
    ['of an unknown status', `${good}\n${good.replace('enriched', 'done')}\n`, 'status: no status that is known'],
    ['without enriched case', `${good}\n${good.replace('"enrichedCase":{', '"other":{')}\n`, 'no enrichedCase'],
    ['without time', `${good}\n${good.replace('"at"', '"when"')}\n`, 'no at'],
  ])('%s is an input error with file, line and byte', async (_, text, why) => {
    const path = join(temporaryFolder(), 'run.ndjson');
    writeFileSync(path, text);
    const error = await linesOf(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toBe(`run.ndjson: line 2 (byte ${offset}) is not a result: ${why}`);
    expect(existsSync(`${path}.torn`)).toBe(false);
  });

  test('that is not UTF-8 is an input error', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    writeFileSync(path, Buffer.from(`${good}\n${good.replace('"a"', '"\xff"')}\n`, 'latin1'));
    await expect(linesOf(path)).rejects.toThrow('it is not UTF-8');
  });
});

describe('a disk that fails', () => {
  /** Writes ten groups until the first error; returns the ids that were counted, and the error. */
  async function run(path: string, ops: FileOps): Promise<{ counted: string[]; error: unknown }> {
    const counted: string[] = [];
    const clock = new FakeClock();
    const sink = newSink(path, ops, clock);
    try {
      for (let group = 0; group < 10; group++) {
        const results = [1, 2, 3].map((at) => enriched(`case ${group}-${at}`));
        sink.write(results);
        counted.push(...results.map(({ caseId }) => caseId));
        clock.advanceToNext();
        await new Promise(setImmediate);
      }
      await sink.finish(runInfo(), summary());
      return { counted, error: undefined };
    } catch (error) {
      await sink.close();
      return { counted, error };
    }
  }

  test.each(['ENOSPC', 'EIO'])('with %s at the n-th call leaves whole lines and every counted result', async (code) => {
    const folder = temporaryFolder();
    for (let at = 1; ; at++) {
      const path = join(folder, `${at}.ndjson`);
      const ops = faultyOps({ at, code });
      const { counted, error } = await run(path, ops);
      const text = readFileSync(path, 'utf8');
      expect(text === '' || text.endsWith('\n')).toBe(true);
      const ids = (await linesOf(path)).flatMap((line) => (line.kind === 'result' ? [line.result.caseId] : []));
      expect(ids).toEqual(expect.arrayContaining(counted));
      expect(new Set(ids).size).toBe(ids.length);
      if (ops.faults() === 0) return expect(error).toBeUndefined();
      expect(error).toBeInstanceOf(OutputError);
    }
  });

  test('says which cases were answered and are not saved, whole lines before the fault left out', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const sink = newSink(path, faultyOps({ calls: ['write'], at: 1, code: 'ENOSPC' }));
    const write = (results: EnrichmentResult[]) => () => sink.write(results);
    expect(write([enriched('a'), enriched('b'), enriched('c'), enriched('d')])).toThrow(OutputError);
    expect((await linesOf(path)).length).toBe(2);
    expect(write([unenriched('e'), unenriched('never asked', 'cancelled')])).toThrow(OutputError);
    const error = await sink.finish(runInfo(), summary()).catch((thrown: unknown) => thrown);
    expect(renderError(error)).toBe(
      'error: cannot write run.ndjson: no space left on the disk (ENOSPC)\n' +
        '  3 answered and not saved: c, d, e\n' +
        '  hint: free some space or repair the disk, then go on with --resume\n',
    );
    expect((await linesOf(path)).length).toBe(2);
  });
});

describe('syncing', () => {
  function countingOps(): FileOps & { syncs: number } {
    const ops = { ...realFileOps, syncs: 0 };
    ops.syncData = async (fd) => {
      ops.syncs++;
      await realFileOps.syncData(fd);
    };
    return ops;
  }

  test('happens once for all that was written within a second, and not without need', async () => {
    const ops = countingOps();
    const clock = new FakeClock();
    const sink = newSink(join(temporaryFolder(), 'run.ndjson'), ops, clock);
    for (const id of 'abc') sink.write([enriched(id)]);
    clock.advance(999);
    expect([clock.timers, ops.syncs]).toEqual([1, 0]);
    clock.advance(1);
    await expect.poll(() => ops.syncs).toBe(1);
    expect(clock.timers).toBe(0);
    await sink.finish(runInfo(), summary());
    expect(ops.syncs).toBe(2);
  });

  test('leaves no timer behind that would hold the process', async () => {
    for (const end of ['finish', 'close'] as const) {
      const clock = new FakeClock();
      const sink = newSink(join(temporaryFolder(), 'run.ndjson'), realFileOps, clock);
      sink.write([enriched('a')]);
      await (end === 'finish' ? sink.finish(runInfo(), summary()) : sink.close());
      expect(clock.timers).toBe(0);
    }
  });

  test('that a file system does not know is no error', async () => {
    const ops = faultyOps({ calls: ['syncData'], at: 1, code: 'EINVAL', forGood: true });
    const sink = newSink(join(temporaryFolder(), 'run.ndjson'), ops);
    sink.write([enriched('a')]);
    await expect(sink.finish(runInfo(), summary())).resolves.toBeUndefined();
  });
});

describe('the places of pending cases', () => {
  const PLACE = { caseId: 'a', index: 0, at: '2026-11-22T09:30:00.123Z', key: 'k', poll: 'https://x/jobs/1?sig=1' };

  test('are lines of their own between the results, and what a later run asks', async () => {
    const path = join(temporaryFolder(), 'run.ndjson');
    const sink = newSink(path);
    sink.write([enriched('b')]);
    sink.keepPlaces([PLACE, { ...PLACE, caseId: 'c' }]);
    sink.write([enriched('c')]);
    await sink.finish(runInfo(), summary());
    expect((await linesOf(path)).map(({ kind }) => kind)).toEqual(['result', 'place', 'place', 'result', 'run']);
    const { places } = await indexOf(path);
    expect([places.size, places.at('a', 'k'), places.at('c', 'k')]).toEqual([1, PLACE.poll, undefined]);
  });

  test('that the disk does not take end the run, as results do', () => {
    const sink = newSink(join(temporaryFolder(), 'run.ndjson'), faultyOps({ calls: ['write'], at: 1, forGood: true }));
    expect(() => sink.keepPlaces([PLACE])).toThrow(OutputError);
    expect(() => sink.keepPlaces([PLACE])).toThrow(OutputError);
    expect(() => sink.write([unenriched('a', 'cancelled', { attempts: 1, poll: PLACE.poll })])).toThrow(OutputError);
  });
});
