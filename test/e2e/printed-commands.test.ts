import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BinaryOutcome, runBinary, runShell } from '../helpers/binary.js';
import { folderWith } from '../helpers/folder.js';

const NOBODY = 'http://127.0.0.1:9/{id}';

/** An export whose ids and records stand elsewhere, one of them invalid; and what is needed to read it. */
function exportFolder(): string {
  const records = [{ key: 'a', summary: 'x' }, { key: 'b' }, { summary: 'no id' }];
  return folderWith({
    'the export.json': JSON.stringify({ data: { issues: records } }),
    'mine.json': JSON.stringify({ fieldNames: { title: 'summary' }, onFailure: 'collect', maxFailures: 'none' }),
    // Found, and of no use: whoever leaves --config out stumbles over it.
    'case-tracker.config.json': '{"nonsense":1}',
  });
}

const READING = ['--config', 'mine.json', '--root', '/data/issues', '--id-field', 'key'];

/** The lines with commands in what a run has printed, with what they are said to do. */
function printedCommands({ stderr }: BinaryOutcome): readonly string[] {
  return [...stderr.matchAll(/case-tracker (?:enrich|validate|report) .*/g)].map(([line]) => line);
}

/** What becomes of each command in a shell, one after the other. */
async function pasted(commands: readonly string[], cwd: string): Promise<BinaryOutcome[]> {
  const outcomes: BinaryOutcome[] = [];
  for (const command of commands) outcomes.push(await runShell(command, cwd));
  return outcomes;
}

test('a line with a command and what it does works when pasted whole', async () => {
  const config = JSON.stringify({ endpoint: NOBODY, retries: 0 });
  const cwd = folderWith({ 'c.json': '[{"id":"a"}]', 'case-tracker.config.json': config });
  const lines = printedCommands(await runBinary(['enrich', 'c.json', '-o', 'r.ndjson'], { cwd }));
  expect(lines).toEqual([
    expect.stringMatching(/^case-tracker enrich .* --resume {2,}# try the one again/),
    expect.stringMatching(/^case-tracker report .* > r\.html {2,}# see it in a browser$/),
  ]);
  const [enrich, report] = await pasted(lines, cwd);
  expect(enrich).toMatchObject({ code: 1, stderr: expect.stringContaining('resumed: 0 enriched before') });
  expect(report).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('every command that enrich prints works when pasted: it reads the same cases with the same settings', async () => {
  const cwd = exportFolder();
  const flags = [...READING, '--endpoint', NOBODY, '--retries', '0', '-o', 'run.ndjson'];
  const run = await runBinary(['enrich', 'the export.json', ...flags], { cwd });
  const commands = printedCommands(run);
  expect(commands.map((command) => command.split(' ')[1])).toEqual(['validate', 'enrich', 'report']);

  const [validate, enrich, report] = await pasted(commands, cwd);
  expect(validate).toMatchObject({ code: 1, stdout: expect.stringMatching(/^the export\.json\[2\]: no key;.*\n$/) });
  expect(enrich).toMatchObject({ code: 1, stderr: expect.stringContaining('resumed: 0 enriched before') });
  expect(report).toMatchObject({ code: 0, stderr: '' });
});

test('what keeps the results names a journal that is not there yet', async () => {
  const cwd = folderWith({ 'cases.ndjson': '{"id":"CASE-001"}\n{"id":"none"}\n', 'run.ndjson': 'mine' });
  const run = await runBinary(['enrich', 'cases.ndjson', '--endpoint', 'demo'], { cwd });
  expect(printedCommands(run)).toEqual(['case-tracker enrich cases.ndjson --endpoint demo -o run-2.ndjson']);
  writeFileSync(join(cwd, 'case-tracker.config.json'), '{"format":"json"}');
  expect(printedCommands(await runBinary(['enrich', 'cases.ndjson', '--endpoint', 'demo'], { cwd }))).toEqual([]);
});

test('every command that report prints works when pasted', async () => {
  const cwd = exportFolder();
  const flags = [...READING, '--endpoint', NOBODY, '--retries', '0', '-o', 'run.ndjson'];
  await runBinary(['enrich', 'the export.json', ...flags], { cwd });
  const run = await runBinary(
    ['report', 'run.ndjson', '--expect', 'the export.json', ...READING, '--format', 'summary'],
    {
      cwd,
    },
  );
  const text = printedCommands({ ...run, stderr: run.stdout });
  expect(text.map((command) => command.split(' ')[1])).toEqual(['validate', 'report']);
  expect((await pasted(text, cwd)).map(({ code }) => code)).toEqual([1, 0]);
});

test('the command for a missing endpoint reads the files that were named, as they were to be read', async () => {
  const cwd = exportFolder();
  const { code, stderr } = await runBinary(['enrich', 'the export.json', ...READING], { cwd });
  expect(code).toBe(2);
  const [command = ''] = printedCommands({ code, signal: null, stdout: '', stderr });
  expect(await runShell(`${command} --dry-run`, cwd)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('GET https://api.example.com/cases/a\n'),
  });
});
