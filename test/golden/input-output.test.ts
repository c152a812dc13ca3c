/** The messages for input that can't be read and output that can't be written: exact, with exit codes 3 and 5. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CASES, messageOf, runGolden } from '../helpers/golden.js';

const DEMO = ['--endpoint', 'demo'];

describe('input that is not there', () => {
  const missing = `error: cannot read cases.jsn: no such file
  hint: there is cases.json in this folder
`;
  const rows = [
    ['a name with a typo, to be listed', ['list', 'cases.jsn'], missing],
    ['a name with a typo, to be enriched', ['enrich', 'cases.jsn', ...DEMO], missing],
    [
      'one of two files: nothing is called before it is missed',
      ['enrich', 'cases.json', 'cases.jsn', ...DEMO],
      missing,
    ],
    ['a name with a typo, for --dry-run', ['enrich', 'cases.jsn', ...DEMO, '--dry-run'], missing],
    [
      'a name like no other',
      ['enrich', 'nothing-like-it.txt', ...DEMO],
      'error: cannot read nothing-like-it.txt: no such file\n',
    ],
    ['a directory', ['list', '.'], 'error: cannot read .: it is a folder\n  hint: name the files in it: ./*.json\n'],
  ] as const;

  test.each(rows)('%s', async (_, argv, message) => {
    expect(await runGolden(argv)).toMatchObject({ code: 3, stdout: '', stderr: message });
  });

  test('is one line of JSON with --log-format json, and is not summed up', async () => {
    const argv = ['enrich', 'cases.jsn', ...DEMO, '-o', 'run.json', '--log-format', 'json'];
    const { code, stdout, stderr } = await runGolden(argv);
    expect(JSON.parse(stderr)).toEqual({
      level: 'error',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: 'cannot read cases.jsn: no such file',
      exitCode: 3,
      details: [],
      hint: 'there is cases.json in this folder',
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });
});

describe('input that breaks off', () => {
  const cut = '[\n{"id":"CASE-001"},\n{"id":"CASE-002"},\n{"id":"CASE-0';

  test('says where, what was read, and what was kept', async () => {
    const files = { 'cut.json': cut };
    const { code, stdout, stderr } = await runGolden(['enrich', 'cut.json', ...DEMO, '-o', 'run.ndjson'], { files });
    expect(messageOf(stderr))
      .toBe(`error: cut.json is cut off: end of file inside the record with index 2 (byte 40, line 4)
  2 records before it were read, 2 enriched; they are in run.ndjson
  hint: get the file again
`);
    expect(stderr).toContain(
      'case-tracker enrich cut.json --endpoint demo -o run.ndjson --resume\n         # go on, once the file is mended\n',
    );
    expect(stderr).toMatch(
      /\n✗ 2 cases enriched, but the run did not end well \(exit 3; the input could not be read to its end\)\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  test('is the same for list, below the cases before it', async () => {
    const { code, stdout, stderr } = await runGolden(['list', 'cut.json', '--format', 'ndjson'], {
      files: { 'cut.json': cut },
    });
    expect(stderr).toBe(`error: cut.json is cut off: end of file inside the record with index 2 (byte 40, line 4)
  hint: get the file again
`);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '{"id":"CASE-001"}\n{"id":"CASE-002"}\n' });
  });

  test('stands in the one JSON line of --log-format json', async () => {
    const argv = ['enrich', 'cut.json', ...DEMO, '-o', 'run.ndjson', '--log-format', 'json'];
    const { stderr } = await runGolden(argv, { files: { 'cut.json': cut } });
    const { level, exitCode, stopped } = JSON.parse(stderr) as Record<string, unknown>;
    expect({ level, exitCode, stopped }).toEqual({
      level: 'error',
      exitCode: 3,
      stopped: {
        label: 'error',
        message: 'cut.json is cut off: end of file inside the record with index 2 (byte 40, line 4)',
        details: ['2 records before it were read, 2 enriched; they are in run.ndjson'],
        hint: 'get the file again',
      },
    });
  });
});

describe('output that cannot be written', () => {
  const rows = [
    [
      'a folder that is not there',
      ['-o', 'out/run.ndjson'],
      'error: cannot write out/run.ndjson: its folder does not exist (ENOENT)\n  hint: mkdir -p out\n',
    ],
    ['a folder', ['-o', '.'], 'error: cannot write .: it is a folder (EISDIR)\n'],
    [
      'a dead letter in a folder that is not there',
      ['--dead-letter', 'out/failed.ndjson'],
      'error: cannot write out/failed.ndjson: its folder does not exist (ENOENT)\n  hint: mkdir -p out\n',
    ],
  ] as const;

  test.each(rows)('%s', async (_, argv, message) => {
    const outcome = await runGolden(['enrich', 'cases.json', ...DEMO, ...argv], { files: { 'cases.json': CASES } });
    expect(outcome).toMatchObject({ code: 5, stdout: '', stderr: message });
  });
});

test('--first of a sorted list are the first in order, not the first in the file', async () => {
  const cases = [3, 1, 2, 4].map((id) => ({ id: `C-${id}`, rank: id }));
  const files = { 'cases.json': JSON.stringify(cases) };
  const argv = ['list', 'cases.json', '--sort', 'rank', '--first', '2', '--fields', 'id', '--format', 'ndjson'];
  const { code, stdout } = await runGolden(argv, { files });
  expect([code, stdout]).toEqual([0, '{"id":"C-1"}\n{"id":"C-2"}\n']);
});

test('the id is a column whatever the export calls it', async () => {
  const files = { 'cases.json': '[{"number":7,"title":"t"}]' };
  const argv = ['list', 'cases.json', '--id-field', 'number', '--fields', 'id,title', '--sort', 'id'];
  expect(await runGolden(argv, { files })).toMatchObject({ code: 0, stderr: '' });
});

test('without a filter it is the records that are at fault', async () => {
  const { code, stderr } = await runGolden(['list', 'c.ndjson'], { files: { 'c.ndjson': 'a,b\n' } });
  expect([code, stderr.split('\n').at(-2)]).toEqual([0, 'no valid case among 1 record.']);
});

describe('a selection that nothing matches is no error', () => {
  const rows = [
    [
      'a value with a typo',
      ['--status', 'opne'],
      '0 of 3 cases match --status opne. Values in use: open (1), closed (1). Did you mean open?\n',
    ],
    [
      'a field with a typo',
      ['--where', 'priorty=high'],
      '0 of 3 cases match --where priorty=high.\nno case has a field priorty (--where); did you mean priority?\n',
    ],
    [
      'a comparison with null',
      ['--where', 'title!=null'],
      '--where title!=null takes cases without that field too; --where title: it is there and not null\n' +
        'no case has a field title (--where)\n',
    ],
    ['a field like no other', ['--where', 'zzz!=1'], 'no case has a field zzz (--where)\n'],
    [
      'an order by a field with a typo',
      ['--sort', '-prioritty'],
      'no case has a field prioritty (--sort); did you mean priority?\n',
    ],
    [
      'a column with a typo',
      ['--fields', 'id,prioritty'],
      'no case has a field prioritty (--fields); did you mean priority?\n',
    ],
    ['an id', ['--id', 'x'], '0 of 3 cases match --id x.\nno case has the id x\n'],
  ] as const;

  test.each(rows)('%s', async (_, argv, message) => {
    const { code, stderr } = await runGolden(['list', 'cases.json', ...argv]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: message });
  });

  test('a long list of values ends with an ellipsis', async () => {
    const cases = Array.from('abcdefghij', (status) => ({ id: status, status }));
    const files = { 'cases.json': JSON.stringify(cases) };
    const { stderr } = await runGolden(['list', 'cases.json', '--status', 'zzz'], { files });
    expect(stderr).toMatch(/Values in use: a \(1\), .*, h \(1\) …\n$/);
  });
});

describe('an export that calls a field otherwise', () => {
  const files = {
    'export.json': '[{"id":1,"state":"open","labels":["x"]},{"id":2,"state":"closed","owner":{"name":"Mara"}}]',
  };

  test('is told which fields it has, and how to map them, when a filter finds no field', async () => {
    const { stderr, code } = await runGolden(['list', 'export.json', '--status', 'open'], { files });
    expect(stderr).toBe(
      '0 of 2 cases match --status open. No case has a status. Fields in use: id, state, labels, owner. ' +
        'If it is called otherwise, map it in case-tracker.config.json: {"fieldNames":{"status":"state"}}\n',
    );
    expect(code).toBe(0);
  });

  test.each([
    ['--status', 'open', '{"fieldNames":{"status":"state"}}'],
    ['--tag', 'x', '{"fieldNames":{"tags":"labels"}}'],
    ['--assignee', 'Mara', '{"fieldNames":{"assignee":"owner.name"}}'],
  ])('is found with what that notice says: %s', async (flag, value, config) => {
    const argv = ['list', 'export.json', flag, value];
    expect((await runGolden(argv, { files })).stderr).toContain(config);
    const mapped = await runGolden(argv, { files: { ...files, 'case-tracker.config.json': config } });
    expect(mapped.stderr).toBe('');
    expect(JSON.parse(mapped.stdout)).toHaveLength(1);
  });
});

describe('--first', () => {
  const lines = Array.from({ length: 30 }, (_, at) => (at % 3 === 0 ? '{"id":""}' : `{"id":"CASE-0${10 + at}"}`));
  const files = { 'cases.ndjson': `${lines.join('\n')}\n` };
  const enrich = ['enrich', 'cases.ndjson', '--endpoint', 'demo', '--first', '8', '-o', 'run.ndjson'];

  test('says why there are more results than it asks for: invalid records do not count', async () => {
    const { stderr, code } = await runGolden(enrich, { files });
    expect(code).toBe(1);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'Cases 12 8 enriched · 0 failed · 4 invalid (on top of the valid cases of --first 8)',
    );
  });

  test('is no error in a report: the run ended as asked', async () => {
    const { cwd } = await runGolden(enrich, { files });
    const run = { 'run.ndjson': readFileSync(join(cwd, 'run.ndjson'), 'utf8') };
    for (const format of ['html', 'markdown']) {
      const { stdout } = await runGolden(['report', 'run.ndjson', '--format', format], { files: run });
      expect(stdout).toContain('as asked, after the first cases (--first)');
      expect(stdout).not.toContain('not read to its end');
    }
  });
});

test('--quiet with an exit code that is not 0 prints the summary, without notices and progress', async () => {
  const files = { 'cases.json': '[{"id":"CASE-001"},{"id":"nobody"}]', 'dead.ndjson': '{"id":"old"}\n' };
  const argv = ['enrich', 'cases.json', '--endpoint', 'demo', '-o', 'run.ndjson', '--dead-letter', 'dead.ndjson', '-q'];
  const { stderr, code } = await runGolden([...argv, '--id', 'CASE-001', '--id', 'nobody', '--id', 'x'], { files });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Failures\n.*http 404/);
  expect(stderr).toMatch(/Cases +2 +1 enriched/);
  expect(stderr).not.toContain('no case has the id');
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^✗ 1 of 2 cases/);
});
