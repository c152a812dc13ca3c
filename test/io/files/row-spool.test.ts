import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileOps, realFileOps } from '../../../src/io/files/file-ops.js';
import { RowSpool } from '../../../src/io/files/row-spool.js';
import { faultyOps } from '../../helpers/faulty-disk.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { seededRandom } from '../../helpers/random.js';

function spoolIn(folder: string, ops: FileOps = realFileOps): RowSpool {
  const path = join(folder, 'rows.tmp');
  return new RowSpool({ name: path, path }, ops);
}

async function textOf(spool: RowSpool): Promise<string> {
  let text = '';
  for await (const part of spool.inOrder()) text += part;
  return text;
}

describe('a spool', () => {
  test('gives texts back by key, and those of one key as they came', async () => {
    const folder = temporaryFolder();
    const spool = spoolIn(folder);
    for (const [text, key] of [
      ['c', 2],
      ['a', 0],
      ['ü€', 1],
      ['d', 2],
      ['', 1],
    ] as const)
      spool.add(text, key);
    expect(await textOf(spool)).toBe('aü€cd');
    expect(readdirSync(folder)).toEqual([]);
    spool.close();
    spool.close();
  });

  test('of megabytes, shuffled, some longer than what is read at once', async () => {
    const random = seededRandom(5);
    const spool = spoolIn(temporaryFolder());
    const texts = Array.from(
      { length: 3000 },
      (_, at) => `${at}:${'é'.repeat(random() < 0.01 ? 100_000 : random() * 300)}\n`,
    );
    const order = texts.map((_, at) => at).toSorted(() => random() - 0.5);
    for (const at of order) spool.add(texts[at] ?? '', at);
    expect((await textOf(spool)) === texts.join('')).toBe(true);
    spool.close();
  });

  test('without a text is empty', async () => {
    expect(await textOf(spoolIn(temporaryFolder()))).toBe('');
  });

  test('on a full disk says so and names the file', async () => {
    const spool = spoolIn(temporaryFolder(), faultyOps({ calls: ['write'], at: 1, code: 'ENOSPC', forGood: true }));
    spool.add('a', 1);
    await expect(textOf(spool)).rejects.toThrow(/cannot write .*rows\.tmp: no space left on the disk/);
    spool.close();
  });
});
