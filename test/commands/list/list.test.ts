import { describe, expect, test } from 'vitest';
import { runGolden } from '../../helpers/golden.js';

const files = { 'c.ndjson': '{"id":"1","status":"open"}\n{"x":1}\n{"id":"2"}\n{"id":"1"}\n' };

describe('list under invalid records', () => {
  const NAMED = `invalid: c.ndjson:2: no id; expected a non-empty string or an integer
invalid: c.ndjson:4: the id "1" was seen before
`;

  test.each([
    ['list', []],
    ['list --count', ['--count']],
    ['list --status', ['--status', 'open']],
    ['list --count --status', ['--count', '--status', 'open']],
    ['list --sort', ['--sort', 'id']],
    ['list -q', ['-q']],
  ])('%s shows what is valid and exits 0; 1 with --strict', async (_, argv) => {
    const plain = await runGolden(['list', 'c.ndjson', ...argv], { files });
    const strict = await runGolden(['list', 'c.ndjson', ...argv, '--strict'], { files });
    expect([plain.code, strict.code]).toEqual([0, 1]);
    expect(strict.stdout).toBe(plain.stdout);
    expect(strict.stderr).not.toBe('');
  });

  test('names them on stderr, counts them for --count, is silent with -q unless the exit code is not 0', async () => {
    const stderrOf = async (...argv: string[]) => (await runGolden(['list', 'c.ndjson', ...argv], { files })).stderr;
    expect(await stderrOf()).toBe(NAMED);
    expect(await stderrOf('--strict')).toBe(NAMED);
    expect(await stderrOf('--count')).toBe('2 records not counted: no valid case (case-tracker validate lists them)\n');
    expect(await stderrOf('-q')).toBe('');
    expect(await stderrOf('-q', '--count')).toBe('');
    expect(await stderrOf('-q', '--strict')).toBe('2 records invalid (exit 1)\n');
    expect(await stderrOf('--status', 'open')).toBe('');
    expect(await stderrOf('--status', 'open', '--strict')).toBe(
      '2 records invalid, hidden by the filters (--strict; exit 1)\n',
    );
  });

  test('--strict without one is 0, and an invalid record counts in one shard only', async () => {
    expect((await runGolden(['list', '--strict', 'cases.json'])).code).toBe(0);
    const codes = await Promise.all(
      [1, 2, 3].map(async (part) => {
        const one = { 'c.ndjson': '{"x":1}\n{"id":"1"}\n' };
        return (await runGolden(['list', 'c.ndjson', '--strict', '--shard', `${part}/3`], { files: one })).code;
      }),
    );
    expect(codes.toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  });
});
