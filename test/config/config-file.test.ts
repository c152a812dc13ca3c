import { describe, expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Resolved } from '../../src/config/resolved.js';
import type { CliValues } from '../../src/config/given.js';
import { CaseTrackerError } from '../../src/errors.js';
import { memoryFiles } from '../helpers/memory-files.js';

type Texts = Readonly<Record<string, string>>;

function list(texts: Texts, cwd = '/repo/a/b', env: Texts = {}, cli: CliValues = {}): Resolved<'list'> {
  const context = { env, cwd, files: memoryFiles(texts), stdin: { isTTY: false } };
  return resolveSettings('list', { files: ['x.json'], ...cli }, context);
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CaseTrackerError) return [error.message, error.hint].filter(Boolean).join(' | ');
    throw error;
  }
  return 'no error';
}

const FIRST_3 = '{"first": 3}';
const FIRST_9 = '{"first": 9}';

describe('finding', () => {
  test.each<[string, Texts, number | undefined, string | undefined]>([
    ['in the current folder', { '/repo/a/b/case-tracker.config.json': FIRST_3 }, 3, 'case-tracker.config.json'],
    [
      'in a folder above, inside the repository',
      { '/repo/.git': '', '/repo/.case-trackerrc.json': FIRST_3 },
      3,
      '../../.case-trackerrc.json',
    ],
    [
      'the nearest one wins',
      { '/repo/.git': '', '/repo/case-tracker.config.json': FIRST_9, '/repo/a/.case-trackerrc.json': FIRST_3 },
      3,
      '../.case-trackerrc.json',
    ],
    [
      'the first name wins in one folder',
      { '/repo/a/b/case-tracker.config.json': FIRST_3, '/repo/a/b/.case-trackerrc.json': FIRST_9 },
      3,
      'case-tracker.config.json',
    ],
    [
      'a key of package.json',
      { '/repo/a/b/package.json': '{"name":"x","case-tracker":{"first":3}}' },
      3,
      'package.json',
    ],
    [
      'a package.json without the key is passed over',
      {
        '/repo/.git': '',
        '/repo/a/b/package.json': '{"name":"case-tracker"}',
        '/repo/case-tracker.config.json': FIRST_3,
      },
      3,
      '../../case-tracker.config.json',
    ],
    [
      'a broken package.json that does not speak of case-tracker is passed over',
      { '/repo/a/b/package.json': '{' },
      undefined,
      undefined,
    ],
    [
      'not above the repository',
      { '/repo/a/.git': '', '/repo/case-tracker.config.json': FIRST_9 },
      undefined,
      undefined,
    ],
    [
      'not above the current folder outside of a repository',
      { '/repo/a/case-tracker.config.json': FIRST_9 },
      undefined,
      undefined,
    ],
    [
      'a byte order mark is ignored',
      { '/repo/a/b/case-tracker.config.json': `\uFEFF${FIRST_3}` },
      3,
      'case-tracker.config.json',
    ],
    ['no file at all', {}, undefined, undefined],
  ])('%s', (_, texts, first, configFile) => {
    const { values } = list(texts);
    expect([values.first, values.configFile]).toEqual([first, configFile]);
  });

  test('the repository is found from its own root', () => {
    const texts = { '/repo/.git': '', '/case-tracker.config.json': FIRST_9, '/repo/case-tracker.config.json': FIRST_3 };
    expect(list(texts, '/repo').values.first).toBe(3);
  });

  test('--config names one; the found one is then not read', () => {
    const texts = { '/repo/a/b/case-tracker.config.json': '{', '/etc/ct.json': FIRST_3 };
    expect(list(texts, '/repo/a/b', {}, { config: '/etc/ct.json' }).values.first).toBe(3);
  });

  test('CASE_TRACKER_CONFIG names one too', () => {
    const texts = { '/repo/a/b/ct.json': FIRST_3 };
    expect(list(texts, '/repo/a/b', { CASE_TRACKER_CONFIG: 'ct.json' }).values.first).toBe(3);
  });
});

describe('what is refused', () => {
  const at = (text: string): Texts => ({ '/repo/a/b/case-tracker.config.json': text });

  test.each([
    ['an unknown key', '{"frist": 3}', 'case-tracker.config.json has an unknown key "frist" | did you mean "first"?'],
    [
      'a flag instead of a key',
      '{"max-failures": 3}',
      'case-tracker.config.json has an unknown key "max-failures" | did you mean "maxFailures"?',
    ],
    [
      'an unknown key without a likeness',
      '{"zzzzzz": 3}',
      'case-tracker.config.json has an unknown key "zzzzzz" | case-tracker schema config lists the keys',
    ],
    [
      'a key with control characters',
      '{"a\\u001b[2J": 3}',
      'case-tracker.config.json has an unknown key "a\\x1b[2J" | case-tracker schema config lists the keys',
    ],
    [
      'deeper than any value',
      `{"files":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      'case-tracker.config.json is nested deeper than 1,000 levels',
    ],
    ['an array', '[]', 'case-tracker.config.json is not a JSON object | for example { "limit": 20 }'],
    [
      'no JSON, naming the line but none of the text',
      '{\n  "headers": secret\n}',
      'case-tracker.config.json is not valid JSON (line 2) | JSON has no comments and no trailing commas',
    ],
    ['a text for a number', '{"first": "3"}', '"first": "3" in case-tracker.config.json must be a number'],
    [
      'a number out of range',
      '{"first": 0}',
      '"first": 0 in case-tracker.config.json is out of range | "first" takes 1 or more',
    ],
    ['a number for a switch', '{"count": 1}', '"count": 1 in case-tracker.config.json must be true or false'],
    ['a text for a switch', '{"count": "true"}', '"count": "true" in case-tracker.config.json must be true or false'],
    ['null', '{"idField": null}', '"idField": null in case-tracker.config.json must be a string'],
    [
      'a wrong word',
      '{"color": "nver"}',
      '"color": "nver" in case-tracker.config.json is not known | did you mean "color": "never"?\n"color" takes auto, always, never',
    ],
    [
      'numbers in a list',
      '{"status": [1]}',
      '"status": [1] in case-tracker.config.json must be a string or an array of strings',
    ],
    [
      'a wrong item of a list',
      '{"where": ["a=b", "c<1"]}',
      '"where": "c<1" in case-tracker.config.json is no comparison | "where": "status=open" or "where": "customer.tier!=free" or "where": "dueAt"',
    ],
    [
      'an unknown known field',
      '{"fieldNames": {"titel": "summary"}}',
      '"fieldNames": {"titel":"summary"} in case-tracker.config.json has an unknown field titel, did you mean title? | "fieldNames" takes the names id, title, status, priority, assignee, tags, openedAt, dueAt',
    ],
  ])('%s', (_, text, message) => expect(errorOf(() => list(at(text)))).toBe(message));

  test('a named file that is missing', () => {
    expect(errorOf(() => list({}, '/repo', {}, { config: 'ct.json' }))).toBe(
      'cannot read ct.json: no such file | --config takes a JSON file; without it case-tracker.config.json is looked for',
    );
  });

  test('a named package.json without the key', () => {
    const texts = { '/repo/package.json': '{}' };
    expect(errorOf(() => list(texts, '/repo', {}, { config: 'package.json' }))).toBe(
      'package.json has no key "case-tracker"',
    );
  });

  test('"$schema" is allowed, and keys of other commands are not read', () => {
    const texts = at('{"$schema": "./x.json", "timeout": 30, "headers": {"a": "${CASE_TRACKER_UNSET}"}, "first": 3}');
    expect(list(texts).values.first).toBe(3);
  });
});

describe('${NAME}', () => {
  const found = (text: string): Texts => ({ '/repo/case-tracker.config.json': text });
  const ENV = { CASE_TRACKER_TEAM: 'blue', TOKEN: 's3cret', CASE_TRACKER_EMPTY: '' };

  test('is replaced, several times and inside of lists', () => {
    const { values } = list(found('{"tag": ["${CASE_TRACKER_TEAM}-${CASE_TRACKER_TEAM}", "x"]}'), '/repo', ENV);
    expect(values.tag).toEqual(['blue-blue', 'x']);
  });

  test('what a variable holds is not expanded again', () => {
    const { values } = list(found('{"tag": ["${CASE_TRACKER_A}"]}'), '/repo', { CASE_TRACKER_A: '${HOME}' });
    expect(values.tag).toEqual(['${HOME}']);
  });

  test('$${ stands for itself', () => {
    expect(list(found('{"tag": ["$${HOME}", "$5"]}'), '/repo', ENV).values.tag).toEqual(['${HOME}', '$5']);
  });

  test('in a found file only names that begin with CASE_TRACKER_', () => {
    expect(errorOf(() => list(found('{\n\n  "tag": "${TOKEN}"}'), '/repo', ENV))).toBe(
      'case-tracker.config.json, line 3: ${TOKEN} is not allowed in a file that was found' +
        ' | name the file with --config case-tracker.config.json, or call the variable CASE_TRACKER_TOKEN',
    );
  });

  test('in a file named with --config any name', () => {
    const { values } = list(found('{"tag": "${TOKEN}"}'), '/repo', ENV, { config: 'case-tracker.config.json' });
    expect(values.tag).toEqual(['s3cret']);
  });

  test('a variable that is not set is named with file and line', () => {
    expect(errorOf(() => list(found('{\n"tag": "${CASE_TRACKER_NO}"}'), '/repo', ENV))).toBe(
      'case-tracker.config.json, line 2: the environment variable CASE_TRACKER_NO is not set | export CASE_TRACKER_NO=…',
    );
  });

  test.each(['${}', '${a b}', 'x${', '${1}'])('%j is refused', (text) => {
    expect(errorOf(() => list(found(JSON.stringify({ tag: text })), '/repo', ENV))).toBe(
      "case-tracker.config.json, line 1: ${ without a variable's name and } | write $${ for the text ${",
    );
  });

  test('an error about the value shows the file and not the value', () => {
    const message = errorOf(() => list(found('{"color": "${CASE_TRACKER_TEAM}"}'), '/repo', ENV));
    expect(message).toMatch(/^"color" in case-tracker\.config\.json is not known/);
    expect(message).not.toContain('blue');
  });
});
