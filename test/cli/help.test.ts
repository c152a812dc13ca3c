import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../src/config/settings/index.js';
import { helpText } from '../../src/cli/help.js';
import { nodeOf, optionsOf } from '../../src/cli/tree.js';
import { VERSION } from '../../src/version.js';
import { runMain } from '../helpers/run-main.js';

test('enrich -h fits on one screen of 80 columns', async () => {
  const { code, stdout, stderr } = await runMain(['enrich', '-h'], { columns: 80 });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatchSnapshot();
  expect(stdout.split('\n').length).toBeLessThanOrEqual(32);
});

test('the program alone shows the short help and ends well', async () => {
  const outcome = await runMain([]);
  expect(outcome).toEqual({ code: 0, stdout: helpText(undefined, false), stderr: '' });
  expect(await runMain(['-h'])).toEqual(outcome);
  expect(await runMain(['-q'])).toEqual(outcome);
  expect(outcome.stdout).toMatchSnapshot();
});

test.each([
  [['--version'], `${VERSION}\n`],
  [['-V'], `${VERSION}\n`],
  [['enrich', '--version'], `${VERSION}\n`],
  [['--help'], helpText(undefined, true)],
  [['help'], helpText(undefined, true)],
  [['help', 'report'], helpText('report', true)],
  [['report', '--help'], helpText('report', true)],
  [['-q', 'schema', '-h'], helpText('schema', false)],
])('%j', async (argv, stdout) => expect(await runMain(argv)).toEqual({ code: 0, stdout, stderr: '' }));

test('help wins over what is wrong elsewhere on the line', async () => {
  const { code } = await runMain(['enrich', '--nonsense', '--limit', '0', '--help']);
  expect(code).toBe(0);
});

test('a value that looks like the help flag is a value', async () => {
  const { stdout, stderr } = await runMain(['list', 'x.json', '--sort', '-h', '--first', '0']);
  expect([stdout, stderr]).toEqual(['', 'error: --first 0 is out of range\n  hint: --first takes 1 or more\n']);
});

test.each(['exit-codes', 'environment', 'formats'])('the topic %s', async (topic) => {
  const { code, stdout } = await runMain(['help', topic]);
  expect(code).toBe(0);
  expect(stdout).toMatchSnapshot();
});

describe.each(COMMAND_NAMES)('%s', (command) => {
  test('--help names each flag with its default', () => {
    const text = helpText(command, true).replaceAll(/\s+/g, ' ');
    for (const option of optionsOf(nodeOf(command))) {
      expect(text).toContain(`--${option.flag} ${option.placeholder}`.trimEnd());
      if (option.default !== undefined && option.default !== 'none')
        expect(text).toContain(`(default: ${option.default})`);
    }
  });

  test('starts with examples that name only flags that exist', () => {
    const { examples } = nodeOf(command);
    expect(helpText(command, false)).toMatch(/^[^\n]+\.\n\nExamples:\n {2}case-tracker/);
    for (const example of examples) {
      for (const [, name, rest] of example.matchAll(/case-tracker (\w+)([^|]*)/g)) {
        const flags = optionsOf(nodeOf(name as typeof command)).map((option) => `--${option.flag}`);
        for (const [flag] of (rest ?? '').matchAll(/--[a-z-]+/g)) expect(flags).toContain(flag);
      }
    }
  });

  test.each([20, 40, 60, 80, 100, 500])('wraps at %d columns, at most 100', (columns) => {
    const width = Math.max(40, Math.min(columns, 100));
    const isFixed = (line: string): boolean => line.startsWith('  case-tracker');
    const lines = helpText(command, true, columns)
      .split('\n')
      .filter((line) => !isFixed(line));
    // A narrow terminal still gets 20 columns of text beside the flags.
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(width, 52));
  });
});

test('help says which number is calls in flight and which is cases', () => {
  expect(helpText('enrich', false)).toContain('--limit N is calls in flight; --first N is how many cases.');
  expect(helpText(undefined, false)).toContain('--limit N is calls in flight; --first N is how many cases.');
});
