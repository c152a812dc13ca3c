/** What happens to the files of a run while it goes on, through the real binary. */

import type { ServerResponse } from 'node:http';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ndjsonCases, runShell, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { answer, countingServer } from '../helpers/counting-server.js';

test.each<[string, (path: string) => void, string]>([
  ['deleted', (path) => rmSync(path), 'run.ndjson was deleted: what was written is lost'],
  ['renamed', (path) => renameSync(path, `${path}.away`), 'run.ndjson was renamed: what was written is in'],
])('a journal that was %s while the run went on is no success: exit code 5', async (_, change, message) => {
  const held: ServerResponse[] = [];
  const { url, server } = await countingServer((__, response) => held.push(response));
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(2) });
  const run = startBinary(['enrich', 'cases.ndjson', '--endpoint', url, '--timeout', '60s', '-o', 'run.ndjson'], {
    cwd,
  });
  await server.seen(2);
  const [first, second] = held;
  if (first === undefined || second === undefined) throw new Error('two requests were seen');
  answer(first);
  await expect.poll(() => readFileSync(join(cwd, 'run.ndjson'), 'utf8')).toContain('"enriched"');
  change(join(cwd, 'run.ndjson'));
  answer(second);
  const { code, stderr } = await run.ended;
  expect([code, existsSync(join(cwd, 'run.ndjson'))]).toEqual([5, false]);
  expect(stderr.replace(/\s+/g, ' ')).toContain(message);
  expect(stderr).not.toContain('✓');
});

test('stdout that the shell has sent into the dead letter is refused before the first call', async () => {
  const { url, stats } = await countingServer();
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(2) });
  const line = `ct enrich cases.ndjson --endpoint ${url} --dead-letter out.ndjson > out.ndjson`;
  const { code, stderr } = await runShell(line, cwd);
  expect([code, stderr]).toEqual([2, expect.stringContaining('-o and --dead-letter are the same')]);
  expect(stats.requests).toEqual([]);
});
