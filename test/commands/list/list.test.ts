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
    expect(await stderrOf('--status', 'open')).toBe(
      "2 records are not valid cases: the filters can't look at them (case-tracker validate c.ndjson names each)\n",
    );
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

describe('records that are not valid cases, beside a filter', () => {
  const mixed = { 'c.ndjson': '{"id":"a","status":"open"}\n{"id":"b","title":7}\n{"x":1}\n' };

  test.each([
    ['--status', 'open'],
    ['--where', 'status=open'],
    ['--tag', 't'],
    ['--id', 'a'],
    ['--assignee', 'x'],
  ])('are counted in a notice: %s %s', async (...filter) => {
    const NOTICE =
      "2 records are not valid cases: the filters can't look at them (case-tracker validate c.ndjson names each)";
    const list = await runGolden(['list', 'c.ndjson', ...filter], { files: mixed });
    const enrich = await runGolden(['enrich', 'c.ndjson', '--endpoint', 'demo', ...filter], { files: mixed });
    const dryRun = await runGolden(['enrich', 'c.ndjson', '--endpoint', 'demo', '--dry-run', ...filter], {
      files: mixed,
    });
    for (const { stderr } of [list, enrich, dryRun]) expect(stderr).toContain(NOTICE);
    expect((await runGolden(['list', 'c.ndjson', '-q', ...filter], { files: mixed })).stderr).toBe('');
  });

  test('are named where --id asks for one of them', async () => {
    const { stderr } = await runGolden(['list', 'c.ndjson', '--id', 'b', '--id', 'c'], { files: mixed });
    expect(stderr).toContain('no case has the id c\n');
    expect(stderr).not.toContain('no case has the id b');
    expect(stderr).toContain('the record with the id b is no valid case: c.ndjson:2: title is 7; expected a string\n');
  });

  test('stop enrich --strict, as they make list --strict exit with 1', async () => {
    const argv = ['c.ndjson', '--strict', '--status', 'open'];
    expect((await runGolden(['list', ...argv], { files: mixed })).code).toBe(1);
    const { code, stdout } = await runGolden(['enrich', ...argv, '--endpoint', 'demo'], { files: mixed });
    expect([code, (JSON.parse(stdout) as { run: { stoppedBy: string } }).run.stoppedBy]).toEqual([4, 'strict']);
  });
});

describe('records without an id under the name that was looked for', () => {
  const records = (lines: readonly string[]) => ({ 'c.ndjson': lines.map((line) => `${line}\n`).join('') });
  const hintOf = async (argv: readonly string[], lines: readonly string[]) => {
    const { stderr } = await runGolden(argv, { files: { ...records(lines), 'k.ndjson': '' } });
    return /the records have .*/.exec(stderr)?.[0];
  };
  const HINT = 'the records have number: --id-field number';
  const EXPORT = ['{"number":1,"node":"x1"}', '{"number":2,"node":"x2"}', '{"number":3,"node":"x3"}'];

  test.each([
    [['list', 'c.ndjson']],
    [['list', 'c.ndjson', '--status', 'open']],
    [['validate', 'c.ndjson']],
    [['enrich', 'c.ndjson', '--endpoint', 'demo']],
    [['enrich', 'c.ndjson', '--endpoint', 'demo', '--dry-run']],
    [['report', 'k.ndjson', '--expect', 'c.ndjson']],
  ])('%j tells which field is the id', async (argv) => {
    expect(await hintOf(argv, EXPORT)).toBe(HINT);
    expect(
      await hintOf(
        argv,
        EXPORT.map((line) => line.replace('number', 'id')),
      ),
    ).toBeUndefined();
  });

  test.each([
    ['a usual name first', ['{"hash":"a","case_id":"b"}'], 'the records have case_id: --id-field case_id'],
    ['a usual name that most have', ['{"number":1}', '{"x":1}', '{"number":2}'], HINT],
    ['a name of the export', ['{"ref":"a"}', '{"ref":"b"}', '{"ref":"c"}'], 'the records have ref: --id-field ref'],
    ['quoted for the shell', ['{"ticket Id":"a"}'], "the records have ticket Id: --id-field 'ticket Id'"],
    ['nothing from a few records of any name', ['{"ref":"a"}'], undefined],
    ['nothing that repeats', ['{"number":1}', '{"number":1}', '{"number":2}'], undefined],
    ['nothing that only some have', ['{"number":1}', '{"x":1}', '{"x":1}'], undefined],
    ['no known field', ['{"title":"a"}', '{"title":"b"}', '{"title":"c"}'], undefined],
    ['nothing where most have an id', ['{"id":1}', '{"id":2}', '{"number":1}'], undefined],
  ])('%s', async (_, lines, hint) => {
    expect(await hintOf(['list', 'c.ndjson'], lines)).toBe(hint);
  });
});
