/** A regular file that changes while it is read: shorter is an error, longer is not. */

import { appendFileSync, closeSync, openSync, readSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Input } from '../../../../src/io/files/input.js';
import { readBytes } from '../../../../src/io/sources/file/read-bytes.js';
import { temporaryFolder } from '../../../helpers/folder.js';

const LINES = '{"id":"some case"}\n'.repeat(20_000);

/** Reads all, and changes the file after the first piece. Resolves with the number of bytes. */
async function readWhile(input: Input, change: () => void): Promise<number> {
  let bytes = 0;
  for await (const chunk of readBytes(input, () => {})) {
    if (bytes === 0) change();
    bytes += chunk.length;
  }
  return bytes;
}

function scene() {
  const path = join(temporaryFolder(), 'cases.ndjson');
  writeFileSync(path, LINES);
  return { path, input: { file: 'cases.ndjson', name: 'cases.ndjson', path } };
}

describe('an input that becomes shorter while it is read', () => {
  const error = {
    exitCode: 3,
    message: `cases.ndjson became shorter while it was read: it had ${LINES.length} bytes at the start`,
  };

  test.each([
    ['to what was read', 64 * 1024],
    ['to less than was read', 100],
    ['to nothing', 0],
    ['by one byte', LINES.length - 1],
  ])('%s is an input error', async (_, size) => {
    const { path, input } = scene();
    await expect(readWhile(input, () => truncateSync(path, size))).rejects.toMatchObject(error);
  });

  test('is an input error on standard input too, where a part was read before', async () => {
    const { path } = scene();
    const fd = openSync(path, 'r');
    readSync(fd, Buffer.alloc(19));
    const input = { file: '-', name: 'cases.ndjson', fd };
    await expect(readWhile(input, () => truncateSync(path, 1000))).rejects.toMatchObject(error);
    closeSync(fd);
  });
});

test('what is appended while the file is read belongs to it', async () => {
  const { path, input } = scene();
  expect(await readWhile(input, () => appendFileSync(path, LINES))).toBe(2 * LINES.length);
});

test('standard input of which a part was read before is read from there', async () => {
  const { path } = scene();
  const fd = openSync(path, 'r');
  readSync(fd, Buffer.alloc(19));
  expect(await readWhile({ file: '-', name: '-', fd }, () => {})).toBe(LINES.length - 19);
  closeSync(fd);
});
