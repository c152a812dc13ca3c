import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { refuseWithoutCase } from '../../../../src/io/web/api/first-case.js';
import { folderWith } from '../../../helpers/folder.js';

/** What was said of these lines, and whether they were read by a thread: here they would hold up everybody else. */
async function lookFor(lines: string): Promise<{ readonly refused: unknown; readonly byThread: boolean }> {
  const path = join(folderWith({ 'cases.ndjson': lines }), 'cases.ndjson');
  const modules = vi.spyOn(process, 'getBuiltinModule');
  const refused = await refuseWithoutCase(path, 'ndjson', {}).then(
    () => null,
    (error: unknown) => (error as { refusal?: unknown }).refusal,
  );
  const byThread = modules.mock.calls.some(([name]) => name === 'node:worker_threads');
  modules.mockRestore();
  return { refused, byThread };
}

test('many lines without a case are read by the thread', async () => {
  const { refused, byThread } = await lookFor('{x}\n'.repeat(3000));
  expect(refused).toMatchObject({ status: 422, message: expect.stringContaining('line 1: not JSON') });
  expect(byThread).toBe(true);
});

test('a line of megabytes too', async () => {
  const { refused, byThread } = await lookFor(`"${'x'.repeat(6_000_000)}"\n`);
  expect([refused, byThread]).toEqual([expect.objectContaining({ status: 422 }), true]);
});

test('a case far behind lines that are none is found', async () => {
  expect(await lookFor(`${'{x}\n'.repeat(1500)}{"id":"A"}\n{y}\n`)).toEqual({ refused: null, byThread: true });
});

test('a case at the start needs no thread', async () => {
  expect(await lookFor(`{x}\n{"id":"A"}\n${'{x}\n'.repeat(3000)}`)).toEqual({ refused: null, byThread: false });
});

test('nobody waits for what is found when the request has gone', async () => {
  const path = join(folderWith({ 'cases.ndjson': '{x}\n'.repeat(3000) }), 'cases.ndjson');
  const gone = new Error('gone');
  await expect(refuseWithoutCase(path, 'ndjson', {}, AbortSignal.abort(gone))).rejects.toBe(gone);
});
