import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OutputError, renderError } from '../../../src/errors.js';
import { AtomicFile } from '../../../src/io/files/atomic-file.js';
import { type FileOps, realFileOps } from '../../../src/io/files/file-ops.js';
import { JsonReportSink } from '../../../src/io/sinks/json-report.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { enriched, runInfo, saved, summary, unenriched } from '../../helpers/samples.js';

function newSink(path: string, ops: FileOps = realFileOps): JsonReportSink {
  return new JsonReportSink(new AtomicFile({ name: 'report.json', path }, 7, ops));
}

describe('a JSON report', () => {
  test.each([
    ['without results', []],
    ['with one result', [[enriched('a')]]],
    [
      'in groups',
      [[enriched('a'), unenriched('b')], [], [unenriched(null, 'invalid', { source: { file: 'x', line: 3 } })]],
    ],
  ])('%s is one document: schemaVersion, run, results, summary', async (_, groups) => {
    const path = join(temporaryFolder(), 'report.json');
    const sink = newSink(path);
    for (const group of groups) sink.write(group);
    await sink.finish(runInfo(), summary({ total: 3 }));
    const document = JSON.parse(readFileSync(path, 'utf8')) as object;
    expect(Object.keys(document)).toEqual(['schemaVersion', 'run', 'results', 'summary']);
    expect(document).toEqual({
      schemaVersion: 1,
      run: runInfo(),
      results: groups.flat().map(saved),
      summary: summary({ total: 3 }),
    });
  });

  test('keeps the source text of a case', async () => {
    const path = join(temporaryFolder(), 'report.json');
    const sink = newSink(path);
    sink.write([enriched('a')]);
    await sink.finish(runInfo(), summary());
    expect(readFileSync(path, 'utf8')).toContain('{"big":12345678901234567890,"one":1.0}');
  });

  test('holds a run of any length', async () => {
    const path = join(temporaryFolder(), 'report.json');
    for (const length of [1000, 1500, 2000, 2048, 3000, 100_000]) {
      const run = runInfo({ endpoint: 'é'.repeat(length / 2) });
      const sink = newSink(path);
      sink.write([enriched('a')]);
      await sink.finish(run, summary());
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
        schemaVersion: 1,
        run,
        results: [saved(enriched('a'))],
        summary: summary(),
      });
    }
  });

  test('is not there before its end, and leaves nothing when it is given up', async () => {
    const folder = temporaryFolder();
    const sink = newSink(join(folder, 'report.json'));
    sink.write([enriched('a')]);
    expect(readdirSync(folder)).toEqual(['.report.json.7.tmp']);
    await sink.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes the place of what a killed run with the same pid has left', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.report.json.7.tmp'), 'half a report');
    const sink = newSink(join(folder, 'report.json'));
    await sink.finish(runInfo(), summary());
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  test('is not mixed up with that of another run which has the same pid elsewhere', async () => {
    const folder = temporaryFolder();
    const sink = newSink(join(folder, 'report.json'));
    unlinkSync(join(folder, '.report.json.7.tmp'));
    writeFileSync(join(folder, '.report.json.7.tmp'), 'of the other');
    await expect(sink.finish(runInfo(), summary())).rejects.toThrow('another run has replaced');
    expect(readdirSync(folder)).not.toContain('report.json');
  });

  test('keeps the mode of the file it replaces, from the first byte on', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    const sink = newSink(path);
    expect(statSync(join(folder, '.report.json.7.tmp')).mode & 0o137).toBe(0);
    await sink.finish(runInfo(), summary());
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('is written where modes cannot be changed', async () => {
    const path = join(temporaryFolder(), 'report.json');
    writeFileSync(path, 'old');
    const denied = (): never => {
      throw Object.assign(new Error(), { code: 'EPERM' });
    };
    await newSink(path, { ...realFileOps, chmod: denied, chown: denied }).finish(runInfo(), summary());
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ schemaVersion: 1 });
  });

  test('replaces a name, not what other names of the old file hold', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    linkSync(path, join(folder, 'copy.json'));
    await newSink(path).finish(runInfo(), summary());
    expect(readFileSync(join(folder, 'copy.json'), 'utf8')).toBe('old');
  });
});

describe('a disk that fails', () => {
  test.each(['ENOSPC', 'EIO'])('with %s at the n-th call leaves the old report or the whole new one', async (code) => {
    for (let at = 1; ; at++) {
      const folder = temporaryFolder();
      const path = join(folder, 'report.json');
      writeFileSync(path, 'old');
      const ops = faultyOps({ at, code });
      let error: unknown;
      try {
        const sink = newSink(path, ops);
        sink.write([enriched('a')]);
        sink.write([enriched('b'), enriched('c')]);
        await sink.finish(runInfo(), summary());
      } catch (thrown) {
        error = thrown;
      }
      const text = readFileSync(path, 'utf8');
      if (text !== 'old') expect(JSON.parse(text)).toMatchObject({ results: [{}, {}, {}], run: {}, summary: {} });
      if (ops.faults() === 0) return expect([text === 'old', error]).toEqual([false, undefined]);
      expect(error).toBeInstanceOf(OutputError);
      expect((error as Error).message).toContain('cannot write report.json');
      expect(readdirSync(folder)).toEqual(['report.json']);
    }
  });

  test('gives its space back at once and says what is lost', async () => {
    const folder = temporaryFolder();
    const sink = newSink(join(folder, 'report.json'), faultyOps({ calls: ['write'], at: 2, code: 'ENOSPC' }));
    sink.write([enriched('a'), unenriched('never asked', 'cancelled')]);
    expect(() => sink.write([enriched('b')])).toThrow(OutputError);
    expect(readdirSync(folder)).toEqual([]);
    const error = await sink.finish(runInfo(), summary()).catch((thrown: unknown) => thrown);
    expect(renderError(error)).toBe(
      'error: cannot write report.json: no space left on the disk (ENOSPC)\n' +
        '  2 answered and not saved: a, b\n' +
        '  hint: a journal (-o FILE.ndjson) keeps each result as it comes\n',
    );
  });

  test('that knows no folders to sync is no error', async () => {
    const path = join(temporaryFolder(), 'report.json');
    const ops = faultyOps({ calls: ['sync'], at: 1, code: 'EINVAL', forGood: true });
    await newSink(path, ops).finish(runInfo(), summary());
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ results: [] });
  });
});

test('a link stays a link when its target is replaced', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'real'));
  const path = join(folder, 'real', 'report.json');
  writeFileSync(path, 'old');
  symlinkSync(path, join(folder, 'link.json'));
  await newSink(path).finish(runInfo(), summary());
  expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(join(folder, 'link.json'), 'utf8'))).toMatchObject({ schemaVersion: 1 });
});
