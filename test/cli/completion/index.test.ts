import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completionScript } from '../../../src/cli/completion/index.js';
import { SHELLS } from '../../../src/config/settings/other.js';
import { runMain } from '../../helpers/run-main.js';

let cwd = '';

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'case-tracker-completion-'));
  for (const shell of SHELLS) writeFileSync(join(cwd, `script.${shell}`), completionScript(shell));
  for (const name of ['cases.json', 'my cases.json']) writeFileSync(join(cwd, name), '[]');
});

afterAll(() => rmSync(cwd, { recursive: true }));

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

function run(shell: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(shell, args, { cwd, encoding: 'utf8', env: { ...process.env, HOME: cwd } });
  expect(stderr).toBe('');
  return stdout;
}

test.each(SHELLS)('completion %s prints the script', async (shell) => {
  expect(await runMain(['completion', shell])).toEqual({ code: 0, stdout: completionScript(shell), stderr: '' });
});

// A shell that is not installed shows up as skipped.
test.each(SHELLS)('the script of %s has no syntax error', (shell) => {
  if (hasShell(shell)) run(shell, ['-n', `script.${shell}`]);
  else expect(completionScript(shell)).toContain('case-tracker');
});

const PRESS_TAB = fileURLToPath(new URL('../press-tab.zsh', import.meta.url));
const COMMANDS = [
  'list',
  'enrich',
  'report',
  'validate',
  'enqueue',
  'queue',
  'api',
  'serve',
  'schema',
  'completion',
  'help',
];

const ROWS: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['enrich', '--dead-'], ['--dead-letter']],
  [
    ['enrich', '--format', ''],
    ['auto', 'cases', 'csv', 'excel', 'json', 'ndjson', 'table', 'tsv'],
  ],
  [
    ['report', 'run.ndjson', '--format', 'j'],
    ['json', 'junit'],
  ],
  [['enrich', 'cases.json', '--on-failure', 's'], ['skip']],
  [['enrich', '--only', 'failed,m'], ['failed,missing']],
  [
    ['enrich', '--endpoint', 'd'],
    ['demo', 'demo:flaky'],
  ],
  [['enrich', '--limit', ''], []],
  [
    ['schema', 'c'],
    ['case', 'config'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'ex'], ['exit-codes']],
  [['list', 'c'], ['cases.json']],
  [['enrich', '-o', 'my'], ['my cases.json']],
  [['enrich', '--header', '@c'], ['@cases.json']],
  [['enrich', '--header', 'c'], []],
  [
    ['-q', '--color', 'a'],
    ['always', 'auto'],
  ],
  [['-q', 'list', '--col'], ['--color']],
];

describe.skipIf(!hasShell('bash'))('bash', () => {
  function offered(words: readonly string[]): readonly string[] {
    const script =
      'source ./script.bash; COMP_WORDS=(case-tracker "$@"); COMP_CWORD=$#; _case_tracker; printf "%s\\n" "${COMPREPLY[@]}"';
    return run('bash', ['--norc', '-c', script, 'bash', ...words])
      .split('\n')
      .filter(Boolean);
  }

  test.each(ROWS)('%j', (words, expected) => expect(offered(words).toSorted()).toEqual(expected.toSorted()));

  test('the commands, and the flags that may stand before them', () => {
    expect(offered([''])).toEqual(COMMANDS);
    expect(offered(['--ver'])).toEqual(['--verbose', '--version']);
  });

  test('--flag=value, which bash cuts in three', () => {
    expect(offered(['enrich', '--format', '=', 'n'])).toEqual(['ndjson']);
    expect(offered(['enrich', '--order', '='])).toEqual(['input', 'completion']);
  });
});

describe.skipIf(!hasShell('fish'))('fish', () => {
  function offered(words: readonly string[]): readonly string[] {
    const script = 'source ./script.fish; complete -C "case-tracker $argv"';
    const lines = run('fish', ['--no-config', '-c', script, '--', ...words])
      .split('\n')
      .filter(Boolean);
    return lines.map((line) => line.replace(/\t.*/, '').replaceAll('\\ ', ' '));
  }

  test.each(ROWS)('%j', (words, expected) => expect(offered(words).toSorted()).toEqual(expected.toSorted()));

  test('the commands', () => expect(offered(['']).toSorted()).toEqual(COMMANDS.toSorted()));
});

describe.skipIf(!hasShell('zsh'))('zsh', () => {
  test('is accepted by the completion system, sourced and autoloaded', () => {
    const script = 'autoload -Uz compinit; compinit -D -u; source ./script.zsh; print -r -- $_comps[case-tracker]';
    expect(run('zsh', ['-f', '-c', script])).toBe('_case-tracker\n');
  });

  const LINES: readonly (readonly [line: string, called: string])[] = [
    ['comp', 'completion'],
    ['enrich --dead-', 'enrich|--dead-letter'],
    ['enrich --on-failure s', 'enrich|--on-failure|skip'],
    ['enrich --only failed,m', 'enrich|--only|failed,missing'],
    ['enrich --header @c', 'enrich|--header|@cases.json'],
    ['enrich -o my', 'enrich|-o|my cases.json'],
    ['-q list --col', '-q|list|--color'],
    ['list c', 'list|cases.json'],
    ['help ex', 'help|exit-codes'],
    ['schema con', 'schema|config'],
  ];

  test('a tab completes what was begun', () => {
    const called = run('zsh', ['-f', PRESS_TAB, ...LINES.map(([line]) => line)]);
    expect(called.trimEnd().split('\n')).toEqual(LINES.map(([, words]) => words));
  });
});
