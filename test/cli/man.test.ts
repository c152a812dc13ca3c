import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manPage } from '../../src/cli/man.js';
import { readmeFlagTable } from '../../src/cli/markdown.js';
import { VERSION } from '../../src/version.js';
import { COMMAND_TREE, GLOBAL_OPTIONS, nodeOf, optionsOf } from '../../src/cli/tree.js';

const PAGE = manPage('1.2.3');

test('the man page has every command and flag', () => {
  for (const node of COMMAND_TREE) {
    expect(PAGE).toContain(`.SS ${node.name}`);
    for (const { flag } of optionsOf(node))
      expect(PAGE).toContain(String.raw`\-\-${flag.replaceAll('-', String.raw`\-`)}`);
  }
});

test('the sections of the man page come in the usual order', () => {
  const sections = [...PAGE.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title);
  expect(sections).toEqual([
    'NAME',
    'SYNOPSIS',
    'DESCRIPTION',
    'COMMANDS',
    'FLAGS OF EVERY COMMAND',
    'ENVIRONMENT AND FILES',
    'FORMATS',
    'EXIT STATUS',
    'EXAMPLES',
  ]);
});

test('only macros begin with a dot, so that no text is lost', () => {
  for (const line of PAGE.split('\n').filter((text) => /^[.']/.test(text))) {
    expect(line).toMatch(/^\.(TH|SH|SS|TP|PP|B|br|nf|fi)( |$)/);
  }
});

test('the page that is shipped is up to date: npm run man', () => {
  expect(readFileSync(new URL('../../man/case-tracker.1', import.meta.url), 'utf8')).toBe(manPage(VERSION));
});

const mandoc = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], { input: PAGE, encoding: 'utf8' });

test.skipIf(mandoc.error !== undefined)('mandoc has nothing to say but that there is no date', () => {
  const lines = mandoc.stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'));
  expect(lines).toEqual([]);
});

test("a command's table of flags has its own flags, in the order of help", () => {
  const lines = readmeFlagTable('serve').trimEnd().split('\n');
  expect(lines).toEqual([
    '| flag | default | meaning |',
    '| --- | --- | --- |',
    '| `--port N` | a free one | Port on loopback |',
    '| `--delay D` | 0ms | Wait before each answer |',
    '| `--faults` |  | Fail now and then, the same way each time |',
    '| `--rate R` | none | Answer 429 beyond it |',
    '| `--token-life D` | no token needed | Ask for a bearer token, which ends after this time; POST /token gives one (client secret: demo-secret) |',
    '| `--data FILE` | the sample | Enrichments by id |',
  ]);
});

test('every row of every table has three cells', () => {
  const tables = [readmeFlagTable(), ...COMMAND_TREE.map((node) => readmeFlagTable(node.name))];
  for (const line of tables.join('').trimEnd().split('\n'))
    expect(line.replaceAll('\\|', '').split('|')).toHaveLength(5);
  expect(readmeFlagTable().split('\n')).toHaveLength(GLOBAL_OPTIONS.length + 3);
  expect(readmeFlagTable('enrich')).toContain('`--max-failures N\\|N%\\|none`');
  expect(optionsOf(nodeOf('enrich')).length - GLOBAL_OPTIONS.length).toBe(
    readmeFlagTable('enrich').split('\n').length - 3,
  );
});
