import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileOps, realFileOps } from '../../../../src/io/files/file-ops.js';
import { spool } from '../../../../src/io/web/api/spool.js';
import { temporaryFolder } from '../../../helpers/folder.js';

async function* piecesOf(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe('what arrives', () => {
  test('is in the file, synced and closed, with its size and a hash of form and content', async () => {
    const path = join(temporaryFolder(), 'cases.ndjson');
    const calls: string[] = [];
    const ops: FileOps = {
      ...realFileOps,
      sync(fd) {
        calls.push('sync');
        return realFileOps.sync(fd);
      },
      close(fd) {
        calls.push('close');
        realFileOps.close(fd);
      },
    };
    const spooled = await spool(piecesOf(Buffer.from('{"a"'), Buffer.from(':1}\n')), { path, form: 'ndjson' }, ops);
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n');
    expect(spooled).toEqual({ bytes: 8, hash: createHash('sha256').update('ndjson\n{"a":1}\n').digest('hex') });
    expect(calls).toEqual(['sync', 'close']);
    const other = await spool(piecesOf(Buffer.from('{"a":1}\n')), { path: `${path}2`, form: 'json' }, ops);
    expect(other.hash).not.toBe(spooled.hash);
  });

  test('is written whole where the disk takes it in parts', async () => {
    const path = join(temporaryFolder(), 'cases.ndjson');
    const ops: FileOps = {
      ...realFileOps,
      writeSlow: (fd, bytes, offset, length) => realFileOps.writeSlow(fd, bytes, offset, Math.min(3, length)),
    };
    await spool(piecesOf(Buffer.from('0123456789')), { path, form: 'ndjson' }, ops);
    expect(readFileSync(path, 'utf8')).toBe('0123456789');
  });

  test('needs no memory any more; what others have is left to them', async () => {
    const path = join(temporaryFolder(), 'cases.ndjson');
    const large = Buffer.alloc(64 * 1024, 'a');
    const shared = Buffer.alloc(64 * 1024, 'b');
    const [first, last] = [shared.subarray(0, 1000), shared.subarray(1000)];
    const pooled = Buffer.from('small');
    const sizes: number[] = [];
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for (const piece of [large, first, last, pooled]) {
        yield piece;
        sizes.push(large.length, shared.length, pooled.length);
      }
    };
    const { bytes } = await spool(watched(), { path, form: 'ndjson' }, realFileOps);
    expect(sizes).toEqual([0, 65_536, 5, 0, 65_536, 5, 0, 0, 5, 0, 0, 5]);
    expect(bytes).toBe(2 * 65_536 + 5);
    expect(readFileSync(path, 'utf8')).toBe(`${'a'.repeat(65_536)}${'b'.repeat(65_536)}small`);
  });
});

test.each([
  ['open', 'EROFS', 500],
  ['writeSlow', 'ENOSPC', 507],
  ['writeSlow', 'EDQUOT', 507],
  ['sync', 'EIO', 500],
] as const)('%s that fails with %s: %i, and nothing stays open', async (call, code, status) => {
  const open = new Set<number>();
  const fail = (): never => {
    throw Object.assign(new Error(code), { code });
  };
  const ops: FileOps = {
    ...realFileOps,
    open: (...all) => {
      const fd = realFileOps.open(...all);
      open.add(fd);
      return fd;
    },
    close(fd) {
      open.delete(fd);
      realFileOps.close(fd);
    },
    [call]: call === 'open' ? fail : async () => fail(),
  };
  const path = join(temporaryFolder(), 'cases.ndjson');
  const work = spool(piecesOf(Buffer.from('x')), { path, form: 'ndjson' }, ops);
  await expect(work).rejects.toMatchObject({ refusal: { status, message: expect.stringContaining(code) } });
  expect(open.size).toBe(0);
});

test('an error of the body goes through as it is, and closes the file', async () => {
  const error = new Error('the body was cut off');
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"id":');
    throw error;
  };
  const closed: number[] = [];
  const ops: FileOps = {
    ...realFileOps,
    close(fd) {
      closed.push(fd);
      realFileOps.close(fd);
    },
  };
  const path = join(temporaryFolder(), 'cases.ndjson');
  await expect(spool(cut(), { path, form: 'ndjson' }, ops)).rejects.toBe(error);
  expect(closed).toHaveLength(1);
});
