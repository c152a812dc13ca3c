import { expect, test } from 'vitest';
import { ndjsonCases, runBinary, startBinary } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';
import { hookServer } from '../helpers/hook-server.js';

const ARGS = ['enrich', 'cases.ndjson', '--endpoint', 'demo', '--notify', '@hooks', '--allow-failures', '100%'];

test('the program tells how a run ended, and ends', async () => {
  const hook = await hookServer();
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3), hooks: `# us\n${hook.url}/s3cr3t\n` });
  const run = await runBinary(ARGS, { cwd });
  expect(run.code).toBe(0);
  expect(hook.heard).toMatchObject([{ url: '/s3cr3t', body: { event: 'finished', exitCode: 0 } }]);
  expect(hook.heard[0]?.headers['user-agent']).toMatch(/^case-tracker\/\d/);
  expect(hook.open).toBe(0);
  expect(run.stderr).not.toContain('s3cr3t');
});

test('an interruption cuts off the wait for a hook that hangs, and the exit code stays', async () => {
  const hook = await hookServer(() => {});
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3), hooks: `${hook.url}/s3cr3t\n` });
  const run = startBinary(ARGS, { cwd });
  await hook.seen();
  run.child.kill('SIGINT');
  const { code, signal, stderr } = await run.ended;
  expect([code, signal]).toEqual([0, null]);
  expect(stderr).toContain(`! ${hook.url} did not take a notification: it was cut off\n`);
});

test('kill -9 tells nobody, and the schema of a message is printed', async () => {
  const hook = await hookServer();
  const cwd = folderWith({ 'cases.ndjson': ndjsonCases(3000), hooks: `${hook.url}/s3cr3t\n` });
  const run = startBinary([...ARGS, '--limit', '1', '--format', 'ndjson'], { cwd });
  await run.shows('stdout', 'C-2');
  run.child.kill('SIGKILL');
  expect((await run.ended).signal).toBe('SIGKILL');
  expect(hook.heard).toEqual([]);
  const { stdout } = await runBinary(['schema', 'notification']);
  expect(JSON.parse(stdout)).toMatchObject({
    title: 'notification',
    required: expect.arrayContaining(['text', 'event']),
  });
});
