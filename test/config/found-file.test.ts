import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realFiles } from '../../src/config/files.js';
import { refuseOutside } from '../../src/config/found-file.js';
import type { CliValues } from '../../src/config/given.js';
import { resolveSettings } from '../../src/config/resolve.js';
import type { CommandName } from '../../src/config/settings/index.js';
import { CaseTrackerError } from '../../src/errors.js';

const NAME = 'case-tracker.config.json';
let outside = '';
let folder = '';

beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'case-tracker-found-')));
  folder = join(outside, 'clone');
  mkdirSync(join(folder, '.git'), { recursive: true });
  mkdirSync(join(folder, 'sub'));
  for (const file of ['secret.txt', 'clone/body.json', 'clone/cases.json', 'clone/.env', 'clone/.git/config'])
    writeFileSync(join(outside, file), '{"x":1}\n');
  symlinkSync('../secret.txt', join(folder, 'linked.txt'));
  symlinkSync('../not-there-yet.ndjson', join(folder, 'dangling.ndjson'));
  symlinkSync('..', join(folder, 'up'));
  symlinkSync('round.ndjson', join(folder, 'round.ndjson'));
  symlinkSync('body.json', join(folder, 'alias.json'));
  symlinkSync('sub/../../not-there-yet.ndjson', join(folder, 'winding.ndjson'));
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

/** What becomes of a configuration: the error's message, or `ok`. */
function tried(config: object, cli: CliValues = {}, command: CommandName = 'enrich', file = NAME): string {
  writeFileSync(join(folder, file), JSON.stringify(file === NAME ? config : { 'case-tracker': config }));
  const given = command === 'enrich' ? { files: ['cases.json'], endpoint: 'demo', ...cli } : cli;
  try {
    resolveSettings(command, given, { env: {}, cwd: folder, files: realFiles, stdin: { isTTY: false } });
    return 'ok';
  } catch (error) {
    if (error instanceof CaseTrackerError) return `${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
}

const POST = { method: 'POST' };
const OUT = 'leads out of its folder, where a file that was found may not go';
const HIDDEN = 'leads to something hidden (.git, .env), where a file that was found may not go';

describe('a configuration file that was found reads and writes nothing outside of its folder', () => {
  test.each<[string, object, string]>([
    ['a body from /proc', { ...POST, body: '@/proc/self/environ' }, OUT],
    ['a body from above', { ...POST, body: '@../secret.txt' }, OUT],
    ['a body through a link', { ...POST, body: '@linked.txt' }, OUT],
    ['a body through a linked folder', { ...POST, body: '@up/secret.txt' }, OUT],
    ['the token in .git/config', { ...POST, body: '@.git/config' }, HIDDEN],
    ['the passwords in .env', { ...POST, body: '@sub/../.env' }, HIDDEN],
    ['a schema', { responseSchema: '/etc/passwd' }, OUT],
    ['an output', { output: '../run.ndjson', overwrite: true }, OUT],
    ['an output through a link', { output: 'linked.txt', overwrite: true }, OUT],
    ['an output through a link whose target is missing', { output: 'dangling.ndjson' }, OUT],
    ['an output through a winding link', { output: 'winding.ndjson' }, OUT],
    ['an output in a linked folder', { output: 'up/new/run.ndjson' }, OUT],
    ['an output through links in a circle', { output: 'round.ndjson' }, OUT],
    ['a hook of git', { output: '.git/hooks/post-checkout' }, HIDDEN],
    ['a dead letter', { deadLetter: '/tmp/dead.ndjson' }, OUT],
    ['a device', { output: '/dev/stdout' }, OUT],
    ['a table', { output: 'postgres://host/db?table=t' }, 'is a URL, where a file that was found may not go'],
  ])('%s', (_, config, message) => {
    const [key, value] = Object.entries(config).find(([name]) => name !== 'method') as [string, string];
    const hint = `if you trust it, name it: --config ${NAME}`;
    expect(tried(config)).toBe(`"${key}" in ${NAME}: ${value.replace('@', '')} ${message} | ${hint}`);
    expect(tried(config, { config: NAME })).toBe('ok');
  });

  test('nor case files, whose content is sent to its endpoint', () => {
    for (const path of ['/etc/passwd', '../secret.txt', 'linked.txt', 'postgres://host/db']) {
      expect(tried({ endpoint: 'http://evil/{id}', files: [path] }, { files: undefined })).toMatch(/^"files" in /);
    }
  });

  test('nor what report expects or serve serves', () => {
    expect(tried({ expect: '../x.json' }, { files: ['run.ndjson'] }, 'report')).toMatch(/^"expect" in /);
    expect(tried({ data: '../x.json' }, {}, 'serve')).toMatch(/^"data" in /);
  });

  test('the key in package.json is a found file as well', () => {
    expect(tried({ ...POST, body: '@../secret.txt' }, {}, 'enrich', 'package.json')).toBe(
      `"body" in package.json: ../secret.txt ${OUT} | if you trust it, name it: --config package.json`,
    );
  });

  test('what is in it may be used, also through links that stay in it', () => {
    const config = { ...POST, body: '@alias.json', output: 'sub/run.ndjson', deadLetter: 'up/clone/dead.ndjson' };
    expect(tried({ ...config, files: ['./cases.json', '-'] }, { files: undefined })).toBe('ok');
  });

  test('what a flag replaces is neither judged nor read', () => {
    expect(
      tried({ ...POST, body: '@../missing.json', output: '/x.ndjson' }, { body: '{id}', output: 'x.ndjson' }),
    ).toBe('ok');
  });
});

test('a header name that begins with @ names no file, found or not', () => {
  const config = { headers: { '@x': '/../../secret.txt' } };
  const message = `"headers" in ${NAME} has a name with a character that headers do not allow`;
  expect([tried(config), tried(config, { config: NAME })]).toEqual([`${message} | `, `${message} | `]);
});

test.each([
  'tokenCommand',
  'tokenFile',
  'oauth2TokenUrl',
  'cert',
  'key',
  'keyPassphrase',
  'pfx',
  'ca',
  'notify',
  'queue',
])('a found file may not set %s', (key) => {
  const hint = `if you trust it, name it: --config ${NAME}`;
  expect(tried({ [key]: 'x' })).toBe(`${NAME} sets "${key}", which a file that was found may not | ${hint}`);
});

describe('paths of Windows', () => {
  const FOLDER = 'C:\\repo';

  /** Refuses or not, and which paths were looked at. */
  function judged(path: string) {
    const seen: string[] = [];
    const files = { ...realFiles, realPath: (looked: string) => (seen.push(looked), looked) };
    const written = { path, origin: { from: 'flag', name: '--body' } as const, hidden: false };
    try {
      refuseOutside(written, { shown: NAME, folder: FOLDER, named: false }, files, win32);
      return { problem: 'none', seen };
    } catch (error) {
      return { problem: error instanceof CaseTrackerError ? error.message : String(error), seen };
    }
  }

  test.each(['body.json', 'sub\\body.json', 'sub/body.json', 'c:\\REPO\\body.json'])('%s is below', (path) => {
    expect(judged(path).problem).toBe('none');
  });

  test.each(['..\\x.json', '../x.json', 'sub\\..\\..\\x', '\\x.json'])('%s leads out', (path) => {
    expect(judged(path).problem).toContain(OUT);
  });

  test.each(['.git\\config', 'sub\\.env', 'sub/.env'])('%s is hidden', (path) => {
    expect(judged(path).problem).toContain(HIDDEN);
  });

  test.each(['\\\\server\\share\\x', '//server/share/x', '\\\\.\\pipe\\x', 'D:\\x'])(
    '%s is not even looked at',
    (path) => {
      const { problem, seen } = judged(path);
      expect(problem).toContain(OUT);
      expect(seen).toEqual([]);
    },
  );
});
