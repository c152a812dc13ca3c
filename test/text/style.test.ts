import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { colorEnabled, createStyle, fitStyled, styledWidth } from '../../src/text/style.js';
import { runBinary } from '../helpers/binary.js';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const CASES = fileURLToPath(new URL('../../data/cases.json', import.meta.url));

/** What the variables say, for `--color auto`; `terminal` is that it depends on the terminal. */
const VARIABLES = [
  [undefined, undefined, 'terminal'],
  [undefined, '', 'terminal'],
  [undefined, '1', 'off'],
  [undefined, '0', 'off'],
  ['', undefined, 'terminal'],
  ['', '', 'terminal'],
  ['', '1', 'off'],
  ['', '0', 'off'],
  ['1', undefined, 'on'],
  ['1', '', 'on'],
  ['1', '1', 'on'],
  ['1', '0', 'on'],
  ['true', '1', 'on'],
  ['0', undefined, 'off'],
  ['0', '', 'off'],
  ['0', '1', 'off'],
  ['false', undefined, 'off'],
  ['false', '', 'off'],
  ['false', '1', 'off'],
] as const;

const TERMINALS = [
  { isTTY: true, term: 'xterm-256color', isCapable: true },
  { isTTY: true, term: undefined, isCapable: true },
  { isTTY: true, term: 'dumb', isCapable: false },
  { isTTY: false, term: 'xterm-256color', isCapable: false },
  { isTTY: false, term: undefined, isCapable: false },
  { isTTY: false, term: 'dumb', isCapable: false },
] as const;

describe('whether there is colour', () => {
  test.each(VARIABLES)('FORCE_COLOR %j, NO_COLOR %j: %s', (force, no, expected) => {
    for (const { isTTY, term, isCapable } of TERMINALS) {
      const env = { FORCE_COLOR: force, NO_COLOR: no, TERM: term };
      expect(colorEnabled('auto', isTTY, env)).toBe(expected === 'terminal' ? isCapable : expected === 'on');
      expect(colorEnabled('always', isTTY, env)).toBe(true);
      expect(colorEnabled('never', isTTY, env)).toBe(false);
    }
  });

  test.each([
    [{ FORCE_COLOR: '' }, false],
    [{ FORCE_COLOR: '', NO_COLOR: '1' }, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
  ])('the executable, its output piped, with %j: %s', async (env, expected) => {
    const { stdout, code } = await runBinary(['list', CASES, '--first', '2', '--format', 'table'], { env });
    expect(code).toBe(0);
    expect(stdout.includes('\u001b[')).toBe(expected);
  });

  test('only one file reads the variables', () => {
    const reading = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /\[?['"`.](?:FORCE_COLOR|NO_COLOR|TERM)\b['"`]?\]/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(reading.map((file) => file.replaceAll('\\', '/'))).toEqual(['text/style.ts']);
  });
});

describe('coloured text', () => {
  test('is closed where it is cut, and its colours take no columns', () => {
    const { red, green } = createStyle(true);
    const text = `a${red('bcd')}e${green('账户')}`;
    expect(styledWidth(text)).toBe(9);
    expect(fitStyled(text, 9)).toBe(text);
    expect(fitStyled(text, 4)).toBe('a\u001b[31mbc…\u001b[0m');
    expect(fitStyled(text, 0)).toBe('');
  });

  test('cut to a width has at most that width, whatever its colours', () => {
    const { red, dim } = createStyle(true);
    const part = fc.oneof(fc.string(), fc.string().map(red), fc.string({ unit: 'grapheme' }).map(dim));
    const printableParts = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(printableParts, fc.nat(30), (text, width) => {
        expect(styledWidth(fitStyled(text, width))).toBeLessThanOrEqual(Math.max(width, 0));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
