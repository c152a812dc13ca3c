import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAccessToken } from '../../src/config/access-token.js';
import { realFiles } from '../../src/config/files.js';
import { givenFor } from '../../src/config/given.js';
import { accessToken } from '../../src/config/settings/value-types.js';
import { temporaryFolder } from '../helpers/folder.js';
import { memoryFiles } from '../helpers/memory-files.js';
import { refusalOf } from '../helpers/refusal.js';

const TOKEN = 'k3Jd-8_fQ.w~2LmNpR';

describe('what a token may be', () => {
  test.each([
    [TOKEN, TOKEN],
    [`  ${TOKEN}\r`, TOKEN],
    ['a'.repeat(16), 'a'.repeat(16)],
    ['a'.repeat(512), 'a'.repeat(512)],
  ])('%j is %s', (text, value) => expect(parseAccessToken(text)).toEqual({ ok: true, value }));

  test.each([
    ['', 'is empty'],
    [' \t', 'is empty'],
    ['a'.repeat(15), 'is too short: it could be guessed'],
    ['a'.repeat(513), 'is too long'],
    ['two words, long enough', 'has characters that a token may not have'],
    ['slash/and+plus=are-base64', 'has characters that a token may not have'],
    ['long-enough-but\u0000control', 'has characters that a token may not have'],
    ['long-enough-but-ümlaut', 'has characters that a token may not have'],
  ])('%j %s', (text, problem) => {
    expect(parseAccessToken(text)).toMatchObject({ ok: false, problem });
    expect(parseAccessToken(text)).toHaveProperty('takes', expect.stringContaining('openssl rand -hex 32'));
  });
});

describe('its file', () => {
  const setting = { type: accessToken(), help: '' };
  const given = (text: string, open: readonly string[]): string =>
    givenFor('liveToken', setting, {
      command: 'enrich',
      cli: { liveToken: text },
      env: {},
      file: undefined,
      cwd: '/home/me',
      files: memoryFiles({ '/home/me/my token': `${TOKEN}\nsecond line` }, open),
      unset: new Set(),
    })
      .flatMap(({ items }) => items.map((item) => `${item.text} ${item.hidden}`))
      .join();

  test('its first line counts, and is hidden', () => expect(given('@my token', [])).toBe(`${TOKEN} true`));

  test('readable by others it is refused, with the command that mends it', () => {
    const refusal = refusalOf(() => given('@my token', ['/home/me/my token']));
    expect(refusal).toBe("--live-token: others on this machine can read my token | chmod 600 'my token'");
  });

  test('what is on the command line itself is refused', () => {
    expect(refusalOf(() => given(TOKEN, []))).toMatch(/takes the file of a secret.*on the command line/);
  });
});

describe.skipIf(process.platform === 'win32')('who can read a file', () => {
  test.each([
    [0o600, false],
    [0o400, false],
    [0o604, true],
    [0o640, true],
    [0o602, true],
  ])('%o: others %s', (mode, open) => {
    const file = join(temporaryFolder(), 'token');
    writeFileSync(file, TOKEN);
    chmodSync(file, mode);
    expect(realFiles.isOpenToOthers(file)).toBe(open);
  });

  test('a file that is not there, and what the shell lends, are not', () => {
    expect([realFiles.isOpenToOthers('/nowhere/token'), realFiles.isOpenToOthers('/dev/stdin')]).toEqual([
      false,
      false,
    ]);
  });
});
