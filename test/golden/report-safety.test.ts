/** What a run has taken in from others does no harm in its reports: raw characters asserted, in every format. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { activeIn, HOSTILE, hostileCases, hostileEndpoint, RAW_IN_JSON } from '../helpers/hostile.js';
import { runGolden } from '../helpers/golden.js';

/** The journal of a run of hostile cases against a hostile endpoint. */
async function hostileJournal(): Promise<string> {
  const endpoint = `${await hostileEndpoint()}/x`;
  const argv = ['enrich', 'cases.ndjson', '--endpoint', endpoint, '--retries', '0', '-o', 'run.ndjson', '--limit', '1'];
  const { cwd, code } = await runGolden(argv, { files: { 'cases.ndjson': hostileCases() } });
  expect(code).toBe(1);
  return readFileSync(join(cwd, 'run.ndjson'), 'utf8');
}

const FORMATS = ['summary', 'json', 'ndjson', 'html', 'junit', 'markdown', 'table'];
const IS_DATA = new Set(['json', 'ndjson']);

describe.each(FORMATS)('report --format %s', (format) => {
  test('brings no control character to a terminal', async () => {
    const options = { files: { 'run.ndjson': await hostileJournal() }, stdoutTTY: true, stderrTTY: true };
    const { stdout, stderr, code } = await runGolden(['report', 'run.ndjson', '--format', format], options);
    expect({ code, active: activeIn(stdout + stderr) }).toEqual({ code: 0, active: [] });
    expect(stdout.length).toBeGreaterThan(200);
  });

  test.skipIf(IS_DATA.has(format))('has none in a file either', async () => {
    const argv = ['report', 'run.ndjson', '--format', format, '-o', 'out.txt'];
    const { cwd, code } = await runGolden(argv, { files: { 'run.ndjson': await hostileJournal() } });
    expect({ code, active: activeIn(readFileSync(join(cwd, 'out.txt'), 'utf8')) }).toEqual({ code: 0, active: [] });
  });
});

test.each(['text', 'json', 'ndjson', 'github'])('validate --format %s brings none to a terminal', async (format) => {
  const files = {
    'cases.ndjson': `${hostileCases()}{"id":"x","title":7,"${RAW_IN_JSON}":1\n{"id":"${RAW_IN_JSON}","tags":7}\n`,
  };
  const options = { files, stdoutTTY: true, stderrTTY: true };
  const { stdout, stderr, code } = await runGolden(['validate', 'cases.ndjson', '--format', format], options);
  expect({ code, active: activeIn(stdout + stderr) }).toEqual({ code: 1, active: [] });
});

test('a mistake that names a hostile file is told without its control characters', async () => {
  const name = `no${HOSTILE.replaceAll('\u0000', '')}.ndjson`;
  for (const argv of [
    ['report', name],
    ['validate', name],
    ['report', 'run.ndjson', '--expect', name],
  ]) {
    const { stderr, code } = await runGolden(argv, { files: { 'run.ndjson': '' }, stderrTTY: true });
    expect({ code, active: activeIn(stderr) }).toEqual({ code: 3, active: [] });
  }
});

describe('a name of a file with escape codes and U+202E does no harm', () => {
  const NAME = HOSTILE.replaceAll('\u0000', '');
  const cases = `${NAME}.json`;
  const journal = `${NAME}.ndjson`;
  const letter = `${NAME}.letter.ndjson`;
  const files = { [cases]: '[{"id":"x"},{"id":7.5}]', [journal]: '{"caseId":"to', [letter]: '{"id":"old"}\n' };
  const enrich = ['enrich', cases, '--endpoint', 'demo', '-o', journal, '--resume', '--dead-letter', letter];

  test.each([
    ['notices of a torn journal and a dead letter', enrich],
    ['notices above live lines', [...enrich, '--progress', 'tty']],
    ['notices as JSON', [...enrich, '--log-format', 'json']],
    ['logs for people', [...enrich, '-v']],
    ['a dry run', ['enrich', cases, '--endpoint', 'demo', '--dry-run', '--dead-letter', letter]],
    ['a listing', ['list', cases, '--sort', NAME, '--fields', NAME, '--status', NAME]],
    ['a validation', ['validate', cases]],
    ['a validation as annotations', ['validate', cases, '--format', 'github']],
    ['a report', ['report', journal]],
    ['a report as a table, held against cases', ['report', journal, '--expect', cases, '--format', 'table']],
  ])('in %s', async (_, argv) => {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: `${NAME}/summary.md` };
    const { stdout, stderr } = await runGolden(argv, { files, env, stdoutTTY: true, stderrTTY: true });
    expect(activeIn(stdout + stderr)).toEqual([]);
    expect(stdout + stderr).toMatch(/\\x1b|\\u001b|\\U0000001b/i);
  });
});
