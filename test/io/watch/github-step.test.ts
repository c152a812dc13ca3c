import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GithubStep, isGithubStep } from '../../../src/io/watch/github-step.js';
import { runMain } from '../../helpers/run-main.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { fakeHost } from '../../helpers/fake-host.js';
import { enriched, failed, viewOf } from '../../helpers/saved.js';

const RESULTS = [enriched(0), failed(1, { message: 'no such case' })];

async function step(summaryFile?: string): Promise<string> {
  const fake = fakeHost({ env: summaryFile === undefined ? {} : { GITHUB_STEP_SUMMARY: summaryFile } });
  const github = new GithubStep(fake.host);
  github.delivered(RESULTS);
  await github.ended({ ...viewOf(RESULTS), groups: [] });
  expect(fake.stdout()).toBe('');
  return fake.stderr();
}

test('a step shows annotations on stderr and the summary below what its file holds already', async () => {
  const file = join(temporaryFolder(), 'summary.md');
  writeFileSync(file, 'before\n');
  const stderr = await step(file);
  expect(stderr.split('\n')).toEqual([
    '::error title=1 case%3A http 503::no such case%0ACASE-1',
    '::error title=case-tracker::✗ 1 of 2 cases was not enriched (exit 1)',
    '',
  ]);
  const summary = readFileSync(file, 'utf8');
  expect(summary).toMatch(/^before\n## ✗ 1 of 2 cases was not enriched\n/);
});

test.each([{}, { GITHUB_ACTIONS: '' }, { GITHUB_ACTIONS: 'false' }])('with %j this is no step', (off) => {
  expect([isGithubStep(off), isGithubStep({ GITHUB_ACTIONS: 'true' })]).toEqual([false, true]);
});

test('without a file for the summary there are only annotations', async () => {
  expect((await step()).split('\n')).toHaveLength(3);
});

test('a summary that cannot be written is told, and fails nothing', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'directory'));
  writeFileSync(join(folder, 'full'), 'x'.repeat(1024 * 1024));
  const stderr = (file: string): Promise<string> => step(join(folder, file));
  expect(await stderr('directory')).toMatch(/\ncannot write the step summary: .+\n$/);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await stderr('pipe')).toContain('\ncannot write the step summary: nobody reads it\n');
  expect(await stderr('full')).toMatch(/\nthe step summary is full \(1 MiB\)\n$/);
});

test('enrich in a step of GitHub Actions: results alone on stdout, annotations on stderr, the summary in its file', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'cases.ndjson'), '{"id":"CASE-001"}\n{"id":"nobody"}\n');
  const file = join(folder, 'summary.md');
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file };
  const outcome = await runMain(['enrich', 'cases.ndjson', '--endpoint', 'demo', '--format', 'ndjson'], {
    cwd: folder,
    env,
  });
  expect(outcome.code).toBe(1);
  expect(
    outcome.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { status: string }).status)
      .toSorted(),
  ).toEqual(['enriched', 'failed']);
  expect(outcome.stderr).toContain('::error title=1 case%3A http 404::');
  expect(readFileSync(file, 'utf8')).toContain('1 of 2 cases was not enriched');
});
