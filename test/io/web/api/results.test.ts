import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FileOps, realFileOps } from '../../../../src/io/files/file-ops.js';
import { partOf, resultsResponse } from '../../../../src/io/web/api/results.js';
import { folderWith } from '../../../helpers/folder.js';

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
  const answer = await resultsResponse(path, undefined, realFileOps);
  expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['8', '{"a":1}\n']);
  writeFileSync(path, 'x'.repeat(100_000));
  expect(await (await resultsResponse(path, undefined, realFileOps)).text()).toBe('');
});

test('what is being sent comes whole, though the run is deleted', async () => {
  const text = `${'x'.repeat(300_000)}\n`;
  const folder = folderWith({ 'r.ndjson': text });
  const answer = await resultsResponse(join(folder, 'r.ndjson'), undefined, realFileOps);
  rmSync(join(folder, 'r.ndjson'));
  expect(readdirSync(folder)).toEqual([]);
  expect(await answer.text()).toBe(text);
});

test.each([
  ['no such part', 'bytes=99-', '{}\n'],
  ['no whole line', undefined, 'x'],
])('%s: the file does not stay open', async (_, range, text) => {
  const open = new Set<number>();
  const ops: FileOps = {
    ...realFileOps,
    open(...all) {
      const fd = realFileOps.open(...all);
      open.add(fd);
      return fd;
    },
    close(fd) {
      open.delete(fd);
      realFileOps.close(fd);
    },
  };
  await resultsResponse(join(folderWith({ r: text }), 'r'), range, ops).catch(() => {});
  expect(open.size).toBe(0);
});

test('there is nothing yet: an empty answer', async () => {
  const answer = await resultsResponse(join(folderWith(), 'r.ndjson'), undefined, realFileOps);
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});
