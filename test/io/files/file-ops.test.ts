import { expect, test } from 'vitest';
import { realFileOps, syncFolder } from '../../../src/io/files/file-ops.js';
import { temporaryFolder } from '../../helpers/folder.js';

const syncing = (code: string) => {
  const closed: number[] = [];
  const ops = {
    ...realFileOps,
    sync: () => Promise.reject(Object.assign(new Error(code), { code })),
    close: (fd: number) => {
      closed.push(fd);
      realFileOps.close(fd);
    },
  };
  return { ops, closed };
};

test('a folder that the system opens but does not sync, as Windows does, is no error', async () => {
  const { ops, closed } = syncing('EPERM');
  await syncFolder(ops, temporaryFolder());
  expect(closed).toHaveLength(1);
});

test('a folder whose disk fails is one', async () => {
  const { ops, closed } = syncing('EIO');
  await expect(syncFolder(ops, temporaryFolder())).rejects.toThrow('EIO');
  expect(closed).toHaveLength(1);
});
