import { appendFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FileOps, realFileOps } from '../../../../src/io/files/file-ops.js';
import { partOf, resultsResponse } from '../../../../src/io/web/api/results.js';
import { folderWith } from '../../../helpers/folder.js';

const WHOLE = { range: undefined, isHead: false };

test.each<[string, number, ReturnType<typeof partOf>]>([
  ['bytes=0-', 10, { first: 0, last: 9 }],
  ['bytes=3-5', 10, { first: 3, last: 5 }],
  ['bytes=3-3', 10, { first: 3, last: 3 }],
  ['bytes=9-', 10, { first: 9, last: 9 }],
  ['bytes=8-99', 10, { first: 8, last: 9 }],
  ['bytes=-3', 10, { first: 7, last: 9 }],
  ['bytes=-99', 10, { first: 0, last: 9 }],
  ['bytes=10-', 10, 'none'],
  ['bytes=-0', 10, 'none'],
  ['bytes=0-', 0, 'none'],
  ['bytes=5-2', 10, undefined],
  ['bytes=-', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['items=0-1', 10, undefined],
])('%s of %i bytes', (range, size, part) => {
  expect(partOf(range, size)).toEqual(part);
});

test('a line that is still being written is not sent, however long it is', async () => {
  const path = join(folderWith({ 'r.ndjson': '{"a":1}\n' }), 'r.ndjson');
  appendFileSync(path, `{"b":"${'x'.repeat(200_000)}`);
  const answer = await resultsResponse(path, WHOLE, realFileOps);
  expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['8', '{"a":1}\n']);
  writeFileSync(path, 'x'.repeat(100_000));
  expect(await (await resultsResponse(path, WHOLE, realFileOps)).text()).toBe('');
});

test('what is being sent comes whole, though the run is deleted', async () => {
  const text = `${'x'.repeat(300_000)}\n`;
  const folder = folderWith({ 'r.ndjson': text });
  const answer = await resultsResponse(join(folder, 'r.ndjson'), WHOLE, realFileOps);
  rmSync(join(folder, 'r.ndjson'));
  expect(readdirSync(folder)).toEqual([]);
  expect(await answer.text()).toBe(text);
});

/** The file system, and the descriptors that are open in it. */
function watchedOps(): { readonly ops: FileOps; readonly open: ReadonlySet<number> } {
  const open = new Set<number>();
  const ops: FileOps = {
    ...realFileOps,
    open(...all) {
      const fd = realFileOps.open(...all);
      open.add(fd);
      return fd;
    },
    close(fd) {
      expect(open.delete(fd)).toBe(true);
      realFileOps.close(fd);
    },
  };
  return { ops, open };
}

const LINES = '{"id":"A"}\n'.repeat(20_000);

function journal(): string {
  return join(folderWith({ 'results.ndjson': LINES }), 'results.ndjson');
}

test.each([
  ['no such part', { range: 'bytes=99-', isHead: false }, '{}\n'],
  ['no whole line', WHOLE, 'x'],
  ['HEAD', { range: undefined, isHead: true }, '{}\n'],
])('%s: the file does not stay open', async (_, asked, text) => {
  const { ops, open } = watchedOps();
  await resultsResponse(join(folderWith({ r: text }), 'r'), asked, ops).catch(() => {});
  expect(open.size).toBe(0);
});

test('read to its end, half or not at all: the file does not stay open', async () => {
  const { ops, open } = watchedOps();
  const path = journal();
  expect(await (await resultsResponse(path, WHOLE, ops)).text()).toBe(LINES);
  expect(open.size).toBe(0);
  const half = (await resultsResponse(path, WHOLE, ops)).body?.getReader();
  await half?.read();
  expect(open.size).toBe(1);
  await half?.cancel();
  await (await resultsResponse(path, WHOLE, ops)).body?.cancel();
  expect(open.size).toBe(0);
});

test('a part over several blocks', async () => {
  const part = await resultsResponse(journal(), { range: 'bytes=65530-140000', isHead: false }, realFileOps);
  expect(await part.text()).toBe(LINES.slice(65_530, 140_001));
});

test('one that has become shorter meanwhile ends with a fault', async () => {
  const { ops, open } = watchedOps();
  const path = journal();
  const response = await resultsResponse(path, WHOLE, ops);
  truncateSync(path, 100);
  await expect(response.text()).rejects.toThrow('shorter');
  expect(open.size).toBe(0);
});

test('what is no file is refused, and closed', async () => {
  const { ops, open } = watchedOps();
  const refused = resultsResponse(folderWith(), WHOLE, ops);
  await expect(refused).rejects.toMatchObject({ refusal: { status: 500, error: 'storage_failed' } });
  expect(open.size).toBe(0);
});

test('there is nothing yet: an empty answer', async () => {
  const answer = await resultsResponse(join(folderWith(), 'r.ndjson'), WHOLE, realFileOps);
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});
